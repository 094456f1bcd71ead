"""The file is loaded in time, by a line that depends on variables, and variables are set in other ways."""

import os

from dotenv import load_dotenv
from starlette.applications import Starlette

stage = os.getenv("STAGE", "")
path = f"{stage}.env"


def load():
    if os.getenv("DATABASE_URL"):
        return
    load_dotenv(path if os.path.exists(path) else None)


if os.environ.get("CACHE_URL") is None:
    load()

import late  # noqa: E402

if not os.getenv("TOKENIZERS_PARALLELISM"):
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ.setdefault("THREADS", "1")
os.getenv("REGION")
os.environ.update(REGION="eu", ZONE=os.getenv("ZONE", "a"))
assert late.DATABASE_URL == os.environ["DATABASE_URL"]
assert dict(os.environ) == os.environ.copy()
app = Starlette()
