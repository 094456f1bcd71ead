"""What the probe and the clients observed, by topic."""
