"""How commands speak and listen: options, lines, progress, failures."""
