"""Acceptance cases in YAML, run against the real services on a scratch database.

`reading` parses a file strictly, `schema` turns it into cases, `scratch` makes and drops the
databases, `world` builds what a case takes as given, `actions` does what its steps say, `compare`
holds the outcome against the expectation, `runner` ties them together. The format is described
in docs/scenarios.md.
"""
