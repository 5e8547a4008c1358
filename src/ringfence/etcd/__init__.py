"""The one door to etcd: nothing else opens a socket to it.

``channel`` carries requests, ``schema`` and ``rpcs`` say what they look like, ``refusals`` and ``transport`` turn
every way of failing into an exception of ours; ``client`` offers typed calls, and ``observe``, ``prober`` and
``listeners`` are what ringfence asks of a cluster.
"""
