"""An invented city district, as a district pack: the same seed always gives the same bytes (`pack.write`)."""
