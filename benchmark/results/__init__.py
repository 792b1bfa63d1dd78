"""The files of a run: results table, run card, journal, mattes; and finding them again."""
