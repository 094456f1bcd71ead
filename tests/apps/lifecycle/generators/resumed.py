"""Generators that startup advances, and that somebody finishes, or that have nothing to finish."""

from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress

from fastapi import Depends, FastAPI


async def session():
    yield "session"
    print("closed")


async def database(app):
    app.state.database = "database"
    yield
    app.state.database = None


@asynccontextmanager
async def cache(app):
    yield "cache"
    app.state.cache = None


async def numbers():
    for number in range(9):
        yield number


async def nothing_left(app):
    app.state.ready = True
    yield


class Stream:
    def __init__(self, items):
        self.items = items

    def __aiter__(self):
        return self

    async def __anext__(self):
        return await self.items.__anext__()


@asynccontextmanager
async def lifespan(app):
    started = database(app)
    await started.__anext__()
    closed = database(app)
    await closed.__anext__()
    async with aclosing(session()) as first, AsyncExitStack() as stack:
        await first.__anext__()
        await stack.enter_async_context(cache(app))
        manager = cache(app)
        stack.push_async_exit(manager)
        await manager.__aenter__()
        for _ in range(20):  # the memory of one that has ended is used again
            again = session()
            await again.__anext__()
            with suppress(StopAsyncIteration):
                await again.__anext__()
            del again
            async for _ in session():
                break
        app.state.number = await numbers().__anext__()
        app.state.stream = Stream(session())
        await anext(app.state.stream)
        await nothing_left(app).__anext__()
        async with cache(app):
            yield
    await closed.aclose()
    with suppress(StopAsyncIteration):
        await started.__anext__()


app = FastAPI(lifespan=lifespan)


@app.get("/")
async def read(opened: str = Depends(session)):
    return opened
