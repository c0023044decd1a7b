"""CS182's course package, imported as `deeplearning`: a thin mapping onto the library."""
