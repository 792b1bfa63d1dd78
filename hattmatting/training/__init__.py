"""Training: recipes, losses, the step, the loop, records, saving and validation."""
