"""The compositing equation and the background's fit, exact; by name, known deviations."""
