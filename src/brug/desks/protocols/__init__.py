"""The protocols for everybody: the public page, its life, drafts, the signed document (recital D, art. 11)."""
