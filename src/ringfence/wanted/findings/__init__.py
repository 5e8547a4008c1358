"""What is to be known of a spec: notes where it is right all the same, problems where nobody could sign for it."""
