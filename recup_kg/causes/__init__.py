"""What explains a deviation: facts that separate what deviates from what does not. Tables in, causes out; no store."""
