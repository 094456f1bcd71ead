"""A FastAPI application with a GraphQL router of Strawberry."""

from contextlib import asynccontextmanager

import strawberry
from fastapi import FastAPI
from strawberry.fastapi import GraphQLRouter


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "corpus"


@asynccontextmanager
async def lifespan(app):
    app.state.schema = schema
    yield


schema = strawberry.Schema(Query)
app = FastAPI(lifespan=lifespan)
app.include_router(GraphQLRouter(schema), prefix="/graphql")
