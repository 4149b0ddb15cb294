"""The pages: layout, components, and the words for every code."""
