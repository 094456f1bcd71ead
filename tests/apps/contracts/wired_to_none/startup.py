import asyncio

from parts import Bridge, Factory, Pool


async def start(state):
    state.agent_websocket_bridge = None
    state.websocket_connection_pool = Pool()
    build_factory(state)
    await asyncio.sleep(0.005)
    build_bridge(state)


def build_factory(state):
    state.execution_engine_factory = Factory(state.agent_websocket_bridge)


def build_bridge(state):
    state.agent_websocket_bridge = Bridge(state.websocket_connection_pool)
