"""A portfolio of any size, written by COPY: for measuring and for looking at large data."""
