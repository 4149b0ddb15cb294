"""The data protection officer's desk: register, processors, proof, notices, requests, figures (art. 6, art. 9)."""
