"""Scenes for the path-traced foregrounds; a maintainer's tool that needs Blender's ``bpy``."""
