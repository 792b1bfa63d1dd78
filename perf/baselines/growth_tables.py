def growth_tables(kept): return {}
