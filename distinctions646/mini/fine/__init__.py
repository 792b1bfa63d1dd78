"""Fine and see-through foregrounds drawn by program: plants, feathers, lace, smoke, glass."""
