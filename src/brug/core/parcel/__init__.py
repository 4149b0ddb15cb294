"""How a message crosses: a 7z archive and a signed manifest, bytes in and bytes out (art. 6)."""
