"""`python -m distinctions646.build`: pair, render shard by shard, assemble; resumable."""
