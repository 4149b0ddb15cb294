"""The family's own window: see, correct and take back without an account, by a code on paper (GDPR 7(3), 15)."""
