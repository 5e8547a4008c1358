"""The configuration of etcd members and of a gateway."""
