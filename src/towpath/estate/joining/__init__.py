"""From what sources tell to the estate's records: who is who, what is said of it, what is gone."""
