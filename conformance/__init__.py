"""Real programs on a fenced etcd: which lines of the catalog they need, shown by taking one away at a time."""
