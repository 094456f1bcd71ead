"""Joins what the sources say of the states with the objects in them, when startup has ended.

No code of the application is run for it: attributes are looked up statically, signatures are read, nothing is called.
"""
