"""Running methods on splits: configuration, jobs, worker processes, ranks, one image's work."""
