"""Parts of the report that are computed from a recording alone."""
