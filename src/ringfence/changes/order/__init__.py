"""In which order the permissions of roles change, with the fewest calls and nothing taken away in between."""
