"""The websocket of duty screens, leaders and command: session decides, hub spreads, socket does the I/O."""
