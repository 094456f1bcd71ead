"""Writes an application with many source files that use its state."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parents[1] / ".cache" / "benchmarks" / "many-files"
FILES = 300
#: One of this number of files uses the state.
_USING = 3

_MAIN = '''"""An application with a router in each of its modules."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from many.pool import Pool
{imports}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.pool = Pool()
    app.state.cache = {{}}
    yield


app = FastAPI(lifespan=lifespan)
for router in [{routers}]:
    app.include_router(router)
'''
_POOL = '''"""What the modules use."""


class Pool:
    async def fetch(self, query: str, *arguments: object) -> list[str]:
        return [query]
'''
_USER = '''"""Handlers of part {number}."""

from fastapi import APIRouter, Request

router = APIRouter()


@router.get("/part{number}")
async def read(request: Request, key: str) -> list[str]:
    rows = await request.app.state.pool.fetch("select", key)
    request.app.state.cache.get(key)
    return rows
'''
_FUNCTION = '''

def function{index}(first: int, second: str = "x", *rest: object, **more: object) -> dict[str, object]:
    """Compute something from its arguments."""
    found: dict[str, object] = {{}}
    for index, value in enumerate(rest):
        if index % 2 and first > index:
            found[f"{{second}}{{index}}"] = value
        elif second in more:
            found.update(more)
    try:
        return {{**found, "first": first * {index}}}
    finally:
        found.clear()
'''


def write(folder: Path = FOLDER, files: int = FILES) -> None:
    """Write the application, unless it is there.

    Args:
        folder: where the package `many` is written.
        files: how many modules it has beside `main` and `pool`.
    """
    package = folder / "many"
    if (package / "main.py").exists():
        return
    package.mkdir(parents=True, exist_ok=True)
    users = [number for number in range(files) if number % _USING == 0]
    for number in range(files):
        head = _USER.format(number=number) if number in users else f'"""Part {number}."""\n'
        text = head + "".join(_FUNCTION.format(index=index) for index in range(8))
        (package / f"part{number}.py").write_text(text, encoding="utf-8")
    imports = "\n".join(f"from many import part{number}" for number in range(files))
    routers = ", ".join(f"part{number}.router" for number in users)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "pool.py").write_text(_POOL, encoding="utf-8")
    (package / "main.py").write_text(_MAIN.format(imports=imports, routers=routers), encoding="utf-8")
