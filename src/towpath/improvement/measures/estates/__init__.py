"""What the estate tells of customers' trouble to come, in the measures of harm that journeys have."""
