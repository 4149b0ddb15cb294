"""The desk for requests of data subjects: found, gathered, answered in a month (GDPR 12, 15 to 22)."""
