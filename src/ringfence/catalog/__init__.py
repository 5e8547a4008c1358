"""What each component needs in etcd: data files with reason and source a line, and a small loader.

The catalog knows releases and keys, not specs: which component is there and what it is called stands in the spec,
and ``wanted`` joins both. The data files are described in ``parse``, the one place that reads them.
"""
