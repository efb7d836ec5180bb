"""On disk and in the database, by one who leads: nothing lost, nothing twice."""
