"""CS145: the packages `hw3code` and `data`."""
