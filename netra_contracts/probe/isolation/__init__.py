"""Creates instances for several users and walks what they reach."""
