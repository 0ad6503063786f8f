"""The embedded platform on this machine: its home, its processes, whether it is well."""
