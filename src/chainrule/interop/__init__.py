"""Nets on their way out and in: PyTorch, ONNX, scikit-learn; and loggers that others read."""
