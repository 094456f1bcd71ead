"""Nothing is wrong: the import needs a variable of the environment, and holds the scheduler back under the tool."""

import os

from starlette.applications import Starlette

app = Starlette()
app.state.engine = type(os.environ["DATABASE_URL"].partition(":")[0].title() + "Engine", (), {})()
if os.environ.get("NETRA_CONTRACTS") != "check":
    app.state.scheduler = object()
