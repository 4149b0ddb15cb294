"""What may go wrong does: killed workers, lost mail, restored nodes (art. 6)."""
