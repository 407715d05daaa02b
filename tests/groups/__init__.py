"""Groups of reference runs: reading, choosing, comparing, keeping."""
