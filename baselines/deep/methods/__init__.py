"""Learned methods, one file each: their cards, their files' layouts, their sizes."""
