"""What is there: Windmill and n8n, read and written."""
