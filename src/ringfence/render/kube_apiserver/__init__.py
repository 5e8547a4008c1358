"""A kube-apiserver with its own identity in etcd, in the forms of what installs it."""
