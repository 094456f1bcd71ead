"""Nothing is wrong: a factory of a state that is an object with attributes."""


class Pool:
    pass


class Services:
    def __init__(self):
        self.pool = Pool()
        self.limit = 10


def create_services():
    return Services()
