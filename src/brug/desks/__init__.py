"""Where people work; desks never import each other."""
