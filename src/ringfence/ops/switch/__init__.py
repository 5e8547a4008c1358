"""The switch of auth: what must be true before, on with a guard, off through any member that answers."""
