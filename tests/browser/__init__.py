"""What a person meets: real pages in a real browser, by keyboard, by touch, without scripts."""
