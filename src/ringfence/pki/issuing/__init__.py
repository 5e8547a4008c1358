"""Making certificates: profiles, the built-in authority in its forms, and many at once."""
