"""Tests of what is pure in talking to OpenBao."""
