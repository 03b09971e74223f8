"""Measuring: the credit check of a submitted order beside the bare SQL it cannot do without.

`portfolio` makes customers with many open items, `floor` re-issues the statements of one submit
without the application, `measure` times both in turn, `report` writes the figures. How to read
them: docs/benchmarks.md.
"""
