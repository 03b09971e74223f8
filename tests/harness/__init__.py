"""Harnesses for what only shows under load or in a crash: races, pauses, kills.

`races` runs commands at the same moment and insists on a control run that breaks without the
lock, and stops a command at any of its statements to look at it from another connection; `kills`
ends a command between any two of its statements on a PostgreSQL of its own. How to use them:
docs/testing.md.
"""
