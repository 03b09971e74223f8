"""An invented portfolio to look around in: two companies, sixty customers, a year of history."""
