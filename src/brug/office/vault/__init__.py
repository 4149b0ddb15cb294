"""Personal data at rest, each person under a key of their own; erasing destroys the key (art. 3)."""
