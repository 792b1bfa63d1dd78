"""Buckets and other stores in place of folders, through fsspec."""
