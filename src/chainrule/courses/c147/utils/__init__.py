"""C147's course package `utils`: a thin mapping onto the library."""
