"""Records to N-Quads and back: the only place that knows both."""
