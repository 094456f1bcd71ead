"""The probe's own machinery: channel to the host, watchdog, import hooks, stacks."""
