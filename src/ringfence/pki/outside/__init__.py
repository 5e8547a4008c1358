"""An authority elsewhere: requests for it, and everything that is held against what it hands back."""
