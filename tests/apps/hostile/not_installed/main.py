"""An ASGI application whose modules import netra-contracts, which its environment does not have."""

import guarded  # handles the error itself
import unguarded

try:
    import handled_by_its_importer
except ImportError:
    handled_by_its_importer = None


async def app(scope, receive, send):
    if scope["type"] != "lifespan":
        return
    await receive()
    from netra_contracts import Phase  # executed when the application starts

    scope["state"]["phase"] = Phase.READINESS.value
    scope["state"]["modules"] = [guarded, unguarded, handled_by_its_importer]
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
