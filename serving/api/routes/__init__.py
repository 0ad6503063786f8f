"""One file a route of the served pipeline."""
