"""The compositing equation and the fit of backgrounds, exact, and other projects' deviations."""
