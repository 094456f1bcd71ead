"""The messages between host and probe, by topic; `observed` has what an observation consists of.

Standard library only and written for Python 3.9: the probe runs in the target's interpreter. The probe fills these
records and sends them as JSON; the host validates what arrives against the same classes. Times are ms since the probe
began, sizes are bytes. None means "unknown" wherever a field allows it, unless its docstring says otherwise.

No record has a field for a value of the application: names and types only. Messages of exceptions are masked.

Imports within this package are relative: the probe loads it under a private package name.
"""
