"""What a file must be before it is believed: a regular file, plain names, a schema; and notes."""
