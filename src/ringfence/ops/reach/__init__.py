"""Reaching the cluster: which members, as whom, each of them by itself; whether they are fit, and at what pace."""
