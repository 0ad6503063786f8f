"""How the platform does: for Prometheus, and for people."""
