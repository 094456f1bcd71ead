"""What must hold: the model of contracts, the forms in which users write them, and what `init` writes."""
