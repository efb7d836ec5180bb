"""What has happened: facts and their entries, and the words of alarms, orders and those who act."""
