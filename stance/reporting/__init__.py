"""What people look at: the report of a labelling run and the card of a model."""
