"""After the migration: one factory, which startup configures and the handlers use, creates an agent for each user."""
