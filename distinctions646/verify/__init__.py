"""`python -m distinctions646.verify`: prove that a build is what its recipe says."""
