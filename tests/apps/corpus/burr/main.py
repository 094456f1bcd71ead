"""A FastAPI application with the interface of Burr mounted."""

from burr.tracking.server.run import mount_burr_ui
from fastapi import FastAPI

app = FastAPI()
mount_burr_ui(app, path="/burr")
