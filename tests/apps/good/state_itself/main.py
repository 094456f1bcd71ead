"""Nothing is wrong: the target is a state, filled when the module is imported."""

from starlette.datastructures import State


class Pool:
    pass


state = State()
state.pool = Pool()
