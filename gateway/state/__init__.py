"""What the gateway itself remembers: keys, sessions and the audit log."""
