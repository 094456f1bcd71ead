"""Which contracts a run judges, and what became of each contract and each component."""
