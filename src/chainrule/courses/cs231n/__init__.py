"""CS231n's course package, imported as `cs231n`: a thin mapping onto the library."""
