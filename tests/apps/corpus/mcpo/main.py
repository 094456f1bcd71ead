"""The application that `mcpo.run` builds for one configured server, which cannot be started."""

import asyncio
import pathlib

import uvicorn
from mcpo.main import run

CONFIG = pathlib.Path(__file__).with_name("mcpo.json")


def create_app():
    """Catch the application that mcpo hands to uvicorn."""
    caught = []

    class Caught(Exception):
        pass

    class Server(uvicorn.Server):
        def __init__(self, config):
            caught.append(config.app)
            raise Caught

    original, uvicorn.Server = uvicorn.Server, Server
    try:
        asyncio.run(run("127.0.0.1", 0, config_path=str(CONFIG), cors_allow_origins=["*"]))
    except Caught:
        pass
    finally:
        uvicorn.Server = original
    return caught[0]
