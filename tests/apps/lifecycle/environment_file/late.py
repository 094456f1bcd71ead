"""Reads variables when it is imported."""

import os

DATABASE_URL = os.getenv("DATABASE_URL")  # reads
CACHE_URL = os.environ.get("CACHE_URL", "redis://localhost")
STAGE = "STAGE" in os.environ
OTHER = os.getenv("NOT_IN_THE_FILE")
