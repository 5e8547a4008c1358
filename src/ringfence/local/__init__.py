"""A real etcd on loopback, for the demo and the tests: found, started, watched and stopped.

Nothing here knows how a member is configured or how etcd is spoken to: it is handed configuration files and a health
URL. It never touches an etcd that it did not start.
"""
