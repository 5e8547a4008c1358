"""Certificates: issuing, listing and renewing what the spec asks for, from whichever authority it names."""
