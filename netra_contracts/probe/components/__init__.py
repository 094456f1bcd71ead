"""Components that are not entries of a state: objects below entries, of modules, and what providers return.

Imported only if a plan names one.
"""
