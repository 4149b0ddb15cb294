"""The OCMW's desk: intake, contact, outcome, client file (art. 2, art. 3, art. 4)."""
