"""What is decided about tickets without any record: how a source is read, clocks, priorities, rates."""
