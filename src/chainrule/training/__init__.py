"""Training a net: the Solver, its history, checkpoints, early stopping and what went wrong."""
