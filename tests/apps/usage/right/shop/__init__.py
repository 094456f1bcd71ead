"""A shop whose code uses the state as its startup allows, in forms that look like faults."""
