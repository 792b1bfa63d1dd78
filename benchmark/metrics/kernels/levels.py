"""Constants of Conn that its compiled and its plain steps share."""

THRESHOLDS = 9
"""0.1 to 0.9. The tenth, 1.0, never changes Conn: 1 - 0.9 is below the cut of 0.15."""
PADDING = 64
"""Rows of the map of passed thresholds are padded with zeros to a multiple of this width."""
