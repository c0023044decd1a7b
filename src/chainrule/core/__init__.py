"""What everything stands on: errors, shapes, array namespaces, random streams, numeric gradients."""
