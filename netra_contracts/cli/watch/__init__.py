"""`check --watch`: checks again whenever a file of the project changes."""
