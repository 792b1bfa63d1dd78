"""Running methods on splits: set-up, plan, jobs, worker processes, ranks, one image's work."""
