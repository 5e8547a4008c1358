"""The harness behind ``make conformance``.

It sets up a three-member TLS etcd with ringfence's own verbs, starts a real program under exactly the role that the
catalog gives it, lets it work, and looks for denials; then once more for each line, without that line. What it saw
goes to ``conformance/results``; whether the catalog calls a line ``tested`` is decided by people who read that.
It is no part of ``make test``: it takes minutes and programs that are not ours.
"""
