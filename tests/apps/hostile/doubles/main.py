"""Test doubles were left in the state."""

from unittest.mock import AsyncMock, MagicMock, Mock, create_autospec

from starlette.applications import Starlette


class Bridge:
    async def emit_event(self, event, data):
        """Send an event."""


app = Starlette()
app.state.plain = Mock()
app.state.magic = MagicMock(spec=Bridge)
app.state.asynchronous = AsyncMock()
app.state.automatic = create_autospec(Bridge, instance=True)
app.state.real = Bridge()
