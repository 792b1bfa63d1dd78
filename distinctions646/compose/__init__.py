"""The compositing equation and the fit of backgrounds, exact; its deviations; its inverse."""
