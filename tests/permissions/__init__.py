"""Who gets to see which page: every address, every role, every standing to what it shows."""
