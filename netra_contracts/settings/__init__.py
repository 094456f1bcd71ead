"""How a check is run: its options, the configuration file, the target and its interpreter, environment files.

Apart from `configuration`, these modules run before the target is started and use the standard library alone.
"""
