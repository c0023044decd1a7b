"""The catalogue: known mistakes, a file a task."""
