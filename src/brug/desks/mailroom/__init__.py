"""Where a person has a part in the mail: calls, quarantine, archives made by hand, keys compared (art. 6)."""
