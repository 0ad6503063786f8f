"""The platform itself: brought up, looked at, connected."""
