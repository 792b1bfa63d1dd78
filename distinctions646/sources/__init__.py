"""The known datasets as one table (`datasets`), and how their names become a user's files."""
