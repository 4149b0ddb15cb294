"""The one door through which personal data leave and enter: authorise, hand over, take in (recital C, art. 1)."""
