"""Pure decisions: how weeks are named, and what a change must show to be more than chance."""
