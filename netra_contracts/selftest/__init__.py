"""The tool against its embedded reference: whole, where it must find nothing, and broken, where it must find the fault.

Imports nothing: the target's process comes through here.
"""
