"""What a deployed pipeline is asked."""
