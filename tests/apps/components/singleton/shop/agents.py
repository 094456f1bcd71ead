"""The factory of agents, and the getter that chat still calls."""

from __future__ import annotations


class Bridge:
    """Sends events to users."""


class AgentInstanceFactory:
    """Creates the agents of a user."""

    def __init__(self, bridge: Bridge | None = None) -> None:
        self.bridge = bridge


_factory: AgentInstanceFactory | None = None


def get_agent_instance_factory() -> AgentInstanceFactory:
    """The factory that is left from the time of the singleton."""
    global _factory
    if _factory is None:
        _factory = AgentInstanceFactory()
    return _factory


class Chat:
    """Uses the factory."""

    def __init__(self, factory: AgentInstanceFactory) -> None:
        self._factory = factory
