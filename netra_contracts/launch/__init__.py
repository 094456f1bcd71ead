"""Starts the probe in the target's interpreter, follows it, and ends it whatever the target does.

Until the process has been started, only the standard library is imported: `check` starts it before anything else.
"""
