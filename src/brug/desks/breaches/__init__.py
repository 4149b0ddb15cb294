"""The desk for personal data breaches: a clock for each controller, the other told at once (art. 9, GDPR 33, 34)."""
