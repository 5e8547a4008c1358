"""Benchmarks: how fast ringfence is, beside what people use today and beside the raw limit, in one run.

``python -m bench`` runs all of them, ``python -m bench certs`` one. Nothing here is a test: no figure passes or fails
anything, because rates drift with the machine; only the ratios of one run mean something.
"""
