"""Frozen values that every layer speaks: etcd's users, roles and permissions, members, certificate requests, results.

No behaviour beyond what the value itself implies, no I/O, no clock.
"""
