"""Recurses without end at import."""


def deeper():
    return deeper()


deeper()
