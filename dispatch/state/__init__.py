"""What follows from all facts: the fold, and what can be read off it."""
