"""Reads how the target's sources use its states: in the target's interpreter, in a process beside the startup.

It reads files and executes nothing of them. `__main__` is the process, `reader` one reading.

    files --> [ facts of each file: cached, in several processes ] --> resolution --> SourceUsage

`files` finds the sources and keeps what was read, `syntax` reads what one file says without knowledge of the others,
`resolution` follows what one file takes from another.
"""
