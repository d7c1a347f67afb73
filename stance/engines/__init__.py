"""Where the work of labelling many documents runs, and what it keeps on the way."""
