"""Nothing is wrong: a factory of a Starlette `State`."""

from starlette.datastructures import State


class Pool:
    pass


def create_state():
    state = State()
    state.pool = Pool()
    state["limit"] = 10
    return state
