"""The same for the legacy store: its users, its roles of patterns, and whose paths are whose."""
