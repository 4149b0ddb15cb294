"""The leaflets for families."""
