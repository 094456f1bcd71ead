"""A startup that configures logging in many ways and silences nothing of the application."""

import contextlib
import logging
import logging.config

import shop
from starlette.applications import Starlette

logger = logging.getLogger(__name__)
logging.basicConfig()


@contextlib.asynccontextmanager
async def lifespan(app):
    logging.getLogger("noisy.library").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").disabled = True
    logging.config.fileConfig("logging.ini", disable_existing_loggers=False)
    logging.config.dictConfig({"version": 1, "loggers": {name: {} for name in ("shop", "kept", "audit trail")}})
    logging.disable(logging.CRITICAL)
    logging.disable(logging.NOTSET)
    logging.disable(logging.INFO)
    level = logging.root.level
    logging.root.setLevel(logging.CRITICAL)
    logging.root.setLevel(level)
    logging.basicConfig(level=logging.INFO, force=True)
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": True})
    for name in ("shop", "kept", "audit trail"):
        logging.getLogger(name).disabled = False
    logging.getLogger("shop").addHandler(logging.StreamHandler())
    shop.sell()
    yield
    logging.disable()


app = Starlette(lifespan=lifespan)
