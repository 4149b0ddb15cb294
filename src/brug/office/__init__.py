"""What every party has, whoever sits at the desks: people, keys, safe, log, protocols, post and one door."""
