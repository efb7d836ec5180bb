"""Which parts make a role, how they are joined, and in which order they stop."""
