"""A FastAPI application with a route of LangServe."""

from fastapi import FastAPI
from langchain_core.runnables import RunnableLambda
from langserve import add_routes

app = FastAPI()
add_routes(app, RunnableLambda(lambda x: x), path="/echo", disabled_endpoints=["playground"])
