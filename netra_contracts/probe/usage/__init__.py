"""Reads how the target's sources use its states: in the target's interpreter, in a process beside the startup.

It reads files and executes nothing of them. `__main__` is the process, `reader` one reading.

    files --> [ facts of each file: cached, in several processes ] --> join --> SourceUsage

`facts` is what one file says without knowledge of the others; `join` follows what one file takes from another.
"""
