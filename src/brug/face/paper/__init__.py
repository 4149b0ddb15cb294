"""On paper: tagged PDFs by typst, of what the pages show (recital D)."""
