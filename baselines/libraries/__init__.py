"""Methods whose code another library owns, for comparison."""
