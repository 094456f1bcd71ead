"""Takes over SIGINT, SIGTERM and SIGALRM at import, ignores them, and then hangs."""

import signal
import threading

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGUSR1):
    signal.signal(number, signal.SIG_IGN)
threading.Event().wait()
