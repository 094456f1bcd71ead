"""A FastAPI application with pages of NiceGUI, whose lifespan NiceGUI enters itself."""

from fastapi import FastAPI
from nicegui import ui

app = FastAPI()


@ui.page("/")
def index() -> None:
    ui.label("corpus")


ui.run_with(app, storage_secret="corpus")
