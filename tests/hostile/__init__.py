"""What an attacker may send, by the thousands (art. 6)."""
