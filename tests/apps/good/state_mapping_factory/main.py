"""Nothing is wrong: an async factory of a state that is a mapping."""


class Pool:
    pass


async def create_services():
    return {"pool": Pool(), "limit": 10}
