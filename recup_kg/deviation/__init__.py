"""How far runs, tasks and machines lie from reference runs: numbers from numbers, no store, no RDF."""
