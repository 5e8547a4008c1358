"""Changes of etcd's v2 store: values, the safe order, what each makes of a state, and how each is written down."""
