"""The least that pytest can run."""


def test_nothing() -> None: ...
