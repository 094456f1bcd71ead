"""A migration that stopped half way: startup configures one factory, and chat asks for another."""
