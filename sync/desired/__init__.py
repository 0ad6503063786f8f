"""What Git wants, as items."""
