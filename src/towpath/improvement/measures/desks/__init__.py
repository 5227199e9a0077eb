"""What the tickets of desks tell of customers' trouble, in the measures of harm that journeys have."""
