"""What providers list, in order."""
