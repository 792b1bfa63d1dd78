"""Information-flow matting."""
