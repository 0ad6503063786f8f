"""Components that prepare data."""
