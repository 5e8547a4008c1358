"""Tests of OpenBao as the authority, on the real server."""
