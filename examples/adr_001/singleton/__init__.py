"""Before the migration: one agent and one bridge serve all users."""
