"""What a spec says of each component: what it is, what it may touch, and how its certificate gets to it."""
