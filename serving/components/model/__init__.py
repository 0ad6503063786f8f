"""Components that learn or answer."""
