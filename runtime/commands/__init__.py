"""What each command of the command line does; each returns the exit status. Loaded when asked for, not before."""
