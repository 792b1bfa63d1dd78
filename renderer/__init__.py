"""Rendering of the path-traced foregrounds of `mini`: a maintainer's tool, outside the wheel.

It needs Blender's Python module ``bpy``. ``distinctions646/mini/pathtraced/`` has its results.
"""
