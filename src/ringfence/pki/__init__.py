"""Certificates: profiles, issuing, reading, checking, and the folder they lie in.

The one door to ``cryptography``, and the only place where key files are opened. Importing this package is cheap;
its modules import ``cryptography`` and are meant to be imported inside the functions that need them.
"""
