"""What was edited in an instance itself, as changes of the files that it came from."""
