"""Searches of settings: drawn, pruned, stopped and gone on with, then judged by repetition."""
