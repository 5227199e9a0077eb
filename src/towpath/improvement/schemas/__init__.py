"""Records of what was found, as pages, API and --json show them."""
