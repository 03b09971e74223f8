"""Instalments of payment terms, for those who post: see `customers.instalments`."""

from customers.instalments import due_day, instalments, months_after, term_instalments

__all__ = ["due_day", "instalments", "months_after", "term_instalments"]
