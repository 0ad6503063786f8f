"""Components that keep and find."""
