"""How the platform does, in figures."""
