"""Starts the probe in the target's interpreter, and outlives whatever the target does to it.

Nothing but the standard library is imported on the way to a started child: that is the first thing `check` does.
"""
