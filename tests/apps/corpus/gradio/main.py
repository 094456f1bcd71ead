"""A FastAPI application with an interface of Gradio mounted."""

import gradio
from fastapi import FastAPI

with gradio.Blocks(analytics_enabled=False) as blocks:
    gradio.Textbox("corpus")

app = gradio.mount_gradio_app(FastAPI(), blocks, path="/ui")
