"""What people do about an order or an incident."""
