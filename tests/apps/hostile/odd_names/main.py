"""Correct: components whose names are not identifiers, and one whose name is not a string."""

from starlette.applications import Starlette

NAMES = ["", " ", "my pool", "a.b", "a:b", "/api:pool", "naïve", "池", "new\nline", "\x1b[31mred", "[/bold]", "\udce9", "__class__"]

app = Starlette()
for name in NAMES:
    app.state[name] = object()
app.state["x" * 5_000] = object()
app.state[42] = object()
app.state[None] = object()
