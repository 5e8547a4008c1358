"""The one door to YAML: trees that know where each node stands, edits that touch nothing else, and output.

``nodes`` reads, ``edit`` changes a text in place, ``entry`` and ``commented`` say where and how, ``dump`` writes.
libyaml (through PyYAML) does the parsing; which scalar is a number or a truth value is decided by whoever reads the
node, never guessed here (``no`` is a word).
"""
