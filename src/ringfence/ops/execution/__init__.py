"""Carrying out a plan on a live cluster: fresh, batch by batch, at a pace, watched, and recorded."""
