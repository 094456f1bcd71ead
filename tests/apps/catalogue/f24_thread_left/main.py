"""A thread that no shutdown ends is started at import; the process would never end by itself."""

import threading

from starlette.applications import Starlette

app = Starlette()
threading.Thread(target=threading.Event().wait, name="reaper").start()
