"""A function of the application loads the file, during startup."""

import contextlib
import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.config import Config

DATABASE_URL = Config()("DATABASE_URL", default="")  # reads


def load(path):
    for line in Path(path).read_text().splitlines():
        name, _, value = line.partition("=")
        os.environ[name] = value  # loads


@contextlib.asynccontextmanager
async def lifespan(app):
    load(Path(__file__).with_name(".env"))
    yield


app = Starlette(lifespan=lifespan)
