"""The memory's key is computed once, from the first user's id; the memories themselves are separate objects."""

from contextlib import asynccontextmanager

from fastapi import FastAPI


class Memory:
    def __init__(self, namespace):
        self.namespace = namespace
        self.messages = []


class Agent:
    def __init__(self, context, memory):
        self.context = context
        self.memory = memory


class AgentFactory:
    def __init__(self):
        self._namespace = None

    async def create_for_user(self, context):
        if self._namespace is None:
            self._namespace = f"memory/{context.user_id}/default"
        return Agent(context, Memory(self._namespace))

    async def release(self, agent):
        agent.memory.messages.clear()


@asynccontextmanager
async def lifespan(app):
    app.state.factory = AgentFactory()
    yield


app = FastAPI(lifespan=lifespan)
