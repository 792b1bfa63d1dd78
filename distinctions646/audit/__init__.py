"""`python -m distinctions646.audit`: near-duplicates, leaks and alpha statistics."""
