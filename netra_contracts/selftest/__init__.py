"""Self-test: the tool reports nothing on the unchanged reference application, and detects every seeded fault in it.

Imports nothing: the target's process imports this package.
"""
