"""What is measured of services."""
