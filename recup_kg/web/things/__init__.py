"""Linked data: what the store says of one thing, as a page and as RDF."""
