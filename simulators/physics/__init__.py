"""What burns, how its smoke spreads, and what detectors make of it: arrays and time in, arrays out. Pure."""
