"""What a run leaves on disk: results table, run card, journal, cached mattes."""
