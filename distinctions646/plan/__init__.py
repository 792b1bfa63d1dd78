"""A build decided before it starts: settings, identity, and the recipe's rows."""
