"""The processes of a pool: how they start, what they take over, and how long they are kept."""
