"""C147: the packages `nndl` and `utils`."""
