"""A host of many nodes, run as root in a folder of its own."""
