"""Which places nobody reaches in time, now and over the hours."""
