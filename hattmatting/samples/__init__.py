"""Training samples: composing, augmenting, on the CPU or the training's device."""
