"""Engines that share a cache on purpose, a tariff by its class, and a list by mistake."""

from contextlib import asynccontextmanager

from fastapi import FastAPI


class Tariff:
    def __init__(self):
        self.prices = {"token": 0.1}


class SpecialTariff(Tariff):
    pass


class Tools:
    def __init__(self, cache):
        self.cache = cache


class Engine:
    def __init__(self, user_id, cache, tariff, inbox):
        self.user_id = user_id
        self.tools = Tools(cache)
        self.tariff = tariff
        self.inbox = inbox


class Factory:
    def __init__(self):
        self._cache = {"words": ["one"]}
        self._tariff = SpecialTariff()
        self._inbox = []

    def create(self, user_id):
        return Engine(user_id, self._cache, self._tariff, self._inbox)

    def release(self, engine):
        pass


@asynccontextmanager
async def lifespan(app):
    app.state.factory = Factory()
    yield


app = FastAPI(lifespan=lifespan)
