"""`run`: checks the configured target, then becomes the server."""
