"""What instances are made for."""


def user_context(user_id):
    return {"user_id": user_id}


def no_context(user_id):
    raise LookupError("no such tenant")


LIMIT = 3
