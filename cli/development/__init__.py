"""What a developer of the platform begins with: scaffolds, and what follows from folders."""
