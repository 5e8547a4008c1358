"""Who can do what, by the spec or by what is stored, with the grant that decides."""
