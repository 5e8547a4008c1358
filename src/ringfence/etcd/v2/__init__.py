"""etcd's v2 API: users, roles and keys of a store of its own, over HTTPS.

``exchange`` carries requests, ``refusals`` and ``obstacles`` turn every way of failing into an exception of ours;
``client`` offers typed calls (``auth``, ``keys``), and ``observe`` and ``prober`` are what ringfence asks of a cluster.
etcd 3.6 does not have this API any more.
"""
