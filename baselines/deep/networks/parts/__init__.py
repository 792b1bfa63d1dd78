"""Parts of networks: trunks that several papers share, and pieces of their own."""
