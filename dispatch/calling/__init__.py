"""Who is called for an incident as it stands."""
