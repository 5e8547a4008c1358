"""The spec: the operator's file, read strictly into frozen values.

``shape`` says what a spec is; the other modules read it. It decides nothing about etcd: what the components need
stands in the catalog, and what follows from both in ``wanted``.
"""
