"""Values in, the configuration of one component out: a module a component.

Pure: no file is opened, no spec is known, and key bytes that are handed over go into the result and nowhere else.
"""
