"""What the verbs do in etcd's v2 store."""
