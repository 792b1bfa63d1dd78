"""The leaderboard as data: tables and pages are views of a `Board`."""
