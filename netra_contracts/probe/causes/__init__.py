"""Why a component is missing or None: exceptions that were caught, and what the application logged."""
