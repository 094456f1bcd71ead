"""Changes the folder at import, and removes it from the import path; a later import still has to work."""

import os
import sys
from contextlib import asynccontextmanager

from starlette.applications import Starlette

os.chdir("/")


@asynccontextmanager
async def lifespan(app):
    import later

    app.state.later = later.Later()
    sys.path.clear()
    yield


app = Starlette(lifespan=lifespan)
