"""What is known of weak versions: advisories (OSV), exploited ones (KEV, EPSS), cycles that have ended."""
