"""The TOML file of a network: its keys, how it is read, and what it may not say."""
