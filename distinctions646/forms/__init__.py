"""How a split is stored: Parquet, PNG, virtual, WebDataset, plain; and its manifest."""
