"""A match for two players: clients present a session and an origin, join the lobby, and are served in arrays."""

import asyncio

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

ORIGIN = "https://play.example.org"
SESSIONS = {}


def token_for(player_id):
    return f"ticket-of-{player_id}"


async def session_for(player_id):
    SESSIONS[f"session-of-{player_id}"] = player_id
    return {"session": f"session-of-{player_id}"}


class Lobby:
    """Announces each game to its players, by name."""

    def __init__(self):
        self.waiting = []

    async def join(self, player, websocket):
        self.waiting.append((player, websocket))
        if len(self.waiting) == 2:
            game, self.waiting = self.waiting, []
            for _, seat in game:
                await seat.send_json([{"type": "game_start", "players": [name for name, _ in game]}])


lobby = Lobby()


async def play(websocket):
    player = SESSIONS.get(websocket.cookies.get("session"))
    offered = websocket.scope["subprotocols"]
    if player is None or websocket.headers.get("origin") != ORIGIN or offered != ["game.v1"]:
        await websocket.close()
        return
    await websocket.accept("game.v1")
    await websocket.send_json([{"type": "moved", "player": player}])  # the position of an earlier game
    ticket = (await websocket.receive_json())["ticket"]
    if ticket != f"ticket-of-{player}":
        await websocket.send_json([{"type": "refused"}])
        await asyncio.sleep(3600)
    await lobby.join(player, websocket)
    async for _ in websocket.iter_json():
        await websocket.send_json([{"type": "moved", "player": player}, {"type": "scored", "player": player}])


app = Starlette(routes=[WebSocketRoute("/play", play)])
