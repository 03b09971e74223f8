"""Questions the screens ask, each answered in a constant number of statements."""
