"""What peers can be: each module says how one kind is recognised by what it answers, and how it is harvested."""
