"""The leaderboard as files: Markdown, LaTeX, CSV, Parquet, JSON, and the Hugging Face Hub's."""
