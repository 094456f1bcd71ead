"""Components that are not entries of a state."""
