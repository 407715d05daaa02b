"""Other people's endpoints and catalogues: which are known, what was harvested of them, and queries over them."""
