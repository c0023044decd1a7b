"""CS682's course package, imported as `cs682`: a thin mapping onto the library."""
