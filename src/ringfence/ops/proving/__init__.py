"""What ``verify`` asks beside the roles: holes of the server, impostors, compaction."""
