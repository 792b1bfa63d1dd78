"""What a unit of each kind of work costs, and what very many of them would."""
