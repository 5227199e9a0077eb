"""What of improvement is pure decision."""
