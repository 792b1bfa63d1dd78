"""`python -m distinctions646.doctor`: check whether a copy of a dataset is complete."""
