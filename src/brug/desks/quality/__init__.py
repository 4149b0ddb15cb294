"""The desk for data that are not as they should be: report, look into it, correct, answer (art. 7)."""
