"""C147's course package `nndl`: a thin mapping onto the library."""
