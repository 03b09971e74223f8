"""The pure credit engine: facts in, explained decision out. No Django, no I/O, no clock."""
