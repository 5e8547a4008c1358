"""Whether etcd would allow a request: its own authorization, release by release, computed instead of asked.

``requests`` says what can be asked, ``calls`` which check each call goes through in each release, ``release`` what a
release checks less than it should, ``holdings`` finds grants by key, ``evaluate`` decides, ``answer`` sets the rules
beside what the server really does, and ``holes`` lists the known holes. Pure: no clock, no I/O; the integration tests
hold it against live servers.
"""
