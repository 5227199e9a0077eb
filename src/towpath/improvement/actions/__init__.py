"""What is written: looks by the engine, decisions by people."""
