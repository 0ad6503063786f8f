"""What a pipeline's sources would read, told before anything is deployed; nothing is kept."""
