"""This node's own keys, wrapped by an unlock secret that lives outside the node's folder (art. 6)."""
