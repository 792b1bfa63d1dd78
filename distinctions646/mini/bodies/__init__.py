"""Solid foregrounds drawn by program: animals, people, things and vehicles."""
