"""From two folders of mattes to numbers: pair the files, read them, score them, write a table."""
