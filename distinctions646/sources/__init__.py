"""Where datasets keep their files, as tables, and how names become files."""
