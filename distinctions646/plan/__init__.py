"""A build decided before it starts: settings, resolved plan, the recipe's rows and their roots."""
