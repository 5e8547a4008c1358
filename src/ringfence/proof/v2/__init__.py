"""The proof of the other store: what to ask of etcd's v2 API, and what the answers mean."""
