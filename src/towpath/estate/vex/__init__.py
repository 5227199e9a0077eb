"""What others say of weaknesses (VEX): OpenVEX 0.2, CSAF 2.0, CycloneDX."""
