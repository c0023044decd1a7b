"""CS145's package `data`: a thin mapping onto the library."""
