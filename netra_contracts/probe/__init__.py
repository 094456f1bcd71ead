"""Observes a startup in the target's interpreter, and never judges it.

Standard library only and written for Python 3.9. In the child process these modules are loaded under a private package
name (see `bootstrap`), so that a netra-contracts installed beside the target is never confused with this one; hence the
relative imports.
"""
