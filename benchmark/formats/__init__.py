"""The leaderboard as text and files: screen, Markdown, LaTeX, CSV, Parquet, JSON, and the Hub.

`benchmark.formats.registry` lists the files, and says how to add one.
"""
