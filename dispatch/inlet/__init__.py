"""What comes before the desk, and in which order."""
