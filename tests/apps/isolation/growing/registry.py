"""All engines of the process."""

ENGINES = []


def add(engine):
    ENGINES.append(engine)
