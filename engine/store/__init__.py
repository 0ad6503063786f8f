"""SQLite: the queue, the deployed items and their history."""
