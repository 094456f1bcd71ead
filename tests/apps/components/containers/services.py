"""What the containers create, and their registrations."""

from collections.abc import AsyncIterator

import dishka
import svcs
import that_depends
from dependency_injector import containers, providers


class Engine:
    def __init__(self) -> None:
        self.pool = Pool()


class Pool:
    pass


class Session:
    pass


class Broken:
    def __init__(self) -> None:
        raise OSError("the database is down")


class Repository:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine


class Injector(containers.DeclarativeContainer):
    engine = providers.Singleton(Engine)
    session = providers.Factory(Session)


class Depends(that_depends.BaseContainer):
    engine = that_depends.providers.Singleton(Engine)


class Services(dishka.Provider):
    scope = dishka.Scope.APP

    @dishka.provide
    async def engine(self) -> AsyncIterator[Engine]:
        engine = Engine()
        yield engine
        print("the container has closed its engine")

    broken = dishka.provide(Broken)
    varying = dishka.provide(Pool, cache=False)
    session = dishka.provide(Session, scope=dishka.Scope.REQUEST)


def registry(engine: Engine) -> svcs.Registry:
    found = svcs.Registry()
    found.register_value(Engine, engine)
    found.register_factory(Session, Session)
    return found
