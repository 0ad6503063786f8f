"""Names that other parts use without loading Git."""

# Where saves go that name no branch: people merge it.
EDITS = "catalog-edits"
