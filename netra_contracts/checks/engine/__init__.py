"""What all checks share: the base class, the evidence, causality, building the report, documentation."""
