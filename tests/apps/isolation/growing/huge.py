"""More objects than are searched."""

TABLE = [[] for _ in range(100_000)]


def identity(user_id):
    return user_id
