"""What every command shares: parsing, one-line errors, worker processes, hashes of source code."""
