"""What a spec says of the cluster itself: endpoints and members, what is accepted, and who signs its certificates."""
