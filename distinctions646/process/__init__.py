"""What every command shares: parsing, one-line errors, processes, parts of work, code hashes."""
