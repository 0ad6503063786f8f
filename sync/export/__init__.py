"""The tree that Windmill's own CLI pushes."""
