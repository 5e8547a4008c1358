"""The offline proof: segments are disjoint, and nobody reaches into one who is not invited."""
