"""Reaching the cluster: which members, as whom, and each of them by itself."""
