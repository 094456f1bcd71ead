"""What must hold: the model of a contract, the forms in which users write one, and what `init` writes."""
