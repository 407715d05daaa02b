"""The HTTP service: SPARQL, linked data and the catalogue."""
