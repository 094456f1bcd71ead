"""Nothing is wrong: ten thousand components."""

from starlette.applications import Starlette

app = Starlette()
for number in range(10_000):
    setattr(app.state, f"component_{number}", object())
