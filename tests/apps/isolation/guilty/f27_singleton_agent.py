"""One agent for all: each request overwrites its context."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette


class Agent:
    context = None


class AgentFactory:
    def __init__(self):
        self._agent = Agent()

    def create_for_user(self, context):
        self._agent.context = context
        return self._agent

    def release(self, agent):
        agent.context = None


@asynccontextmanager
async def lifespan(app):
    app.state.factory = AgentFactory()
    yield


app = Starlette(lifespan=lifespan)
