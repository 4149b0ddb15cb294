"""Who works here: accounts, log-in, second factors, attestation of secrecy (art. 4, art. 6)."""
