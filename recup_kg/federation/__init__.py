"""Catalogues and endpoints of others: who they are, what they hold, and queries over all of them."""
