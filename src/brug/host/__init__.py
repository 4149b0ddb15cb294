"""A host of many nodes: it makes them, runs them from one copy of the code, upgrades and removes them."""
