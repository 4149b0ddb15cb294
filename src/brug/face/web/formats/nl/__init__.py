"""Dutch as in Belgium."""
