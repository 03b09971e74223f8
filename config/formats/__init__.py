"""One way of writing dates for every language: what Django itself writes follows it, too."""
