"""Whose keys are whose: grants, the fewest permissions for them, and that no key belongs to two."""
