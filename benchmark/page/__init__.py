"""The leaderboard as a static page: plain files that open from disk and load nothing else."""
