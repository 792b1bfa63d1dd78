"""Methods that a library owns, for comparison."""
