"""``render``: from the spec to the values that each renderer wants."""
