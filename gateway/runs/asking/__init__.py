"""What a worker is asked for while the caller waits."""
