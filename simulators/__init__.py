"""The outside world, pretended: a district, its gateways, its people, its drills."""
