"""Pages: frame and components."""
