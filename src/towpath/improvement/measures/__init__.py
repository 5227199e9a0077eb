"""From the lake's rows to customer-days, signals of detectors, and findings."""
