"""What is decided about the estate without any record: kinds, identity, whose word counts."""
