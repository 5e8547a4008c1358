"""Whether etcd's v2 API would allow a request: its own rules, computed instead of asked.

``requests`` says what can be asked, ``callers`` who asks, ``decisions`` what etcd answers, and ``overlaps`` whether two
patterns let their holders meet. Pure. The rules did not change from etcd 3.0.4, the first that takes a certificate's
name for a user, to 3.5, the last with this API; differential tests hold them against servers of 3.4 and 3.5.
"""
