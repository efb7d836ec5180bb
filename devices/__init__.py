"""Who and where: the registry of grids, places, stations, people, gateways, devices and profiles."""
