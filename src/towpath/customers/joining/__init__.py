"""From what events show to customers: take note, look at what hangs together, write what follows."""
