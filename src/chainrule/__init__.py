"""Chainrule: neural networks with every derivative in plain sight."""
