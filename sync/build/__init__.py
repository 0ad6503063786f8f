"""Node.js and what it builds: the app bundles."""
