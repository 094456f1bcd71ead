"""The sections of a target, one module each."""
