"""Where settings and contracts come from: TOML, data handed over by the probe; target discovery.

`early`, `discovery` and `launching` use the standard library alone: they run before the target is started.
"""
