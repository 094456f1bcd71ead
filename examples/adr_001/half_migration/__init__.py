"""Half way: startup configures a factory, and the handlers ask a function for another one."""
