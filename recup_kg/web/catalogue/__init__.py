"""Pages of the catalogue and their links."""
