"""What people see and touch: HTTP, the websocket, the screens."""
