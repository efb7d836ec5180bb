"""The load generator: publishes as many gateways at once as fast as a broker takes it, and counts what it took."""
