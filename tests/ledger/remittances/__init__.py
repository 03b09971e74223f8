"""Tests of the control of remittances."""
