"""Shared and global matting: pick a foreground and a background sample for each pixel."""
