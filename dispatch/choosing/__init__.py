"""How a station stands, and which would be there soonest."""
