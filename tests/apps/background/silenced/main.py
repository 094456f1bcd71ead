"""Startups that silence the loggers of the application, by the name of the application."""

import contextlib
import logging
import logging.config

import shop
from starlette.applications import Starlette

logger = logging.getLogger(__name__)


def app_of(step):
    @contextlib.asynccontextmanager
    async def lifespan(app):
        step()
        yield

    return Starlette(lifespan=lifespan)


def migrate():
    logging.config.fileConfig("logging.ini")  # fileConfig


def configure():
    logging.config.dictConfig({"version": 1, "root": {"level": "INFO"}})  # dictConfig


def quieten():
    logging.disable()  # disable


def raise_level():
    logging.getLogger().setLevel(logging.CRITICAL)  # level


def remove():
    for handler in list(logging.root.handlers):
        logging.root.removeHandler(handler)  # remove


def clear():
    logging.root.handlers.clear()


def replace_by_null():
    logging.root.handlers[:] = [logging.NullHandler()]


def with_handlers(step):
    logging.basicConfig()
    return app_of(step)


def file_config():
    return app_of(migrate)


def dict_config():
    return app_of(configure)


def disable():
    return app_of(quieten)


def level():
    return app_of(raise_level)


def removed():
    return with_handlers(remove)


def cleared():
    return with_handlers(clear)


def null():
    return with_handlers(replace_by_null)
