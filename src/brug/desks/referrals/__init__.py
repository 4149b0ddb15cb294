"""The team member's desk: informed, consent, five fields, send (recital C, art. 5)."""
