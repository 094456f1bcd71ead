"""A shop whose code uses the state in ways that its startup does not allow."""
