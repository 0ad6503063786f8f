"""Models that run here or are called."""
