"""Who logs in on behalf of each component, what it is given, and how that follows from the catalog."""
