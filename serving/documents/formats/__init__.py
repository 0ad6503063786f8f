"""Files of each kind to text that knows its headings and tables."""
