"""What an exception is about is read from the exception, where its message does not say it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

import pytest

from netra_contracts.probe.runtime import exceptions


def raised_by(function: Callable[[], object]) -> BaseException:
    try:
        function()
    except BaseException as error:  # noqa: BLE001 - any may be under test
        return error
    raise AssertionError("it raised nothing")


def test_missing_variable_of_the_environment_is_named() -> None:
    error = raised_by(lambda: os.environ["NOBODY_SETS_THIS"])
    assert exceptions.chain_of(error)[0].variables == ("NOBODY_SETS_THIS",)


def test_missing_key_of_another_mapping_is_no_variable() -> None:
    mapping: dict[str, str] = {}
    assert exceptions.chain_of(raised_by(lambda: mapping["KEY"]))[0].variables == ()


def test_host_that_cannot_be_resolved_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "_socket", type("Resolver", (), {"getaddrinfo": refuse}))  # nothing may be looked up
    error = raised_by(lambda: socket.getaddrinfo("db.internal", 5432))
    assert exceptions.chain_of(error)[0].host == "db.internal"
    assert exceptions.chain_of(ValueError("db.internal"))[0].host == ""


class TestSettings:
    """The variables that pydantic-settings reads, by a class and frames of the same shape."""

    def fail(self, config: dict[str, object], *locations: tuple[str, ...]) -> BaseException:
        namespace = {"__name__": "pydantic_settings.main"}
        source = "def __init__(self, error):\n    raise error\n"
        exec(compile(source, "/env/pydantic_settings/main.py", "exec"), namespace)  # noqa: S102 - a file of that name

        class ValidationError(Exception):
            __module__ = "pydantic_core._pydantic_core"

            def errors(self, **_: object) -> list[Any]:
                return [{"loc": location, "type": "missing"} for location in locations] + [
                    {"loc": ("n",), "type": "int"}
                ]

        ValidationError.__qualname__ = "ValidationError"
        field = type("Field", (), {"validation_alias": None})
        aliased = type("Field", (), {"validation_alias": "API_TOKEN"})
        fields = {"dsn": field, "db": field, "token": aliased}
        settings = type("Settings", (), {"model_config": config, "model_fields": fields})()
        return raised_by(lambda: namespace["__init__"](settings, ValidationError()))  # type: ignore[operator]  # a function

    @pytest.mark.parametrize(
        ("config", "location", "variable"),
        [
            ({}, ("dsn",), "DSN"),
            ({"env_prefix": "shop_"}, ("dsn",), "SHOP_DSN"),
            ({"env_prefix": "shop_", "case_sensitive": True}, ("dsn",), "shop_dsn"),
            ({"env_prefix": "shop_"}, ("API_TOKEN",), "API_TOKEN"),
            ({"env_nested_delimiter": "__"}, ("db", "host"), "DB__HOST"),
            ({}, ("db", "host"), "DB"),
        ],
    )
    def test_missing_field_is_named_as_its_variable(
        self, config: dict[str, object], location: tuple[str, ...], variable: str
    ) -> None:
        assert exceptions.chain_of(self.fail(config, location))[0].variables == (variable,)


def test_group_with_one_member_is_reported_as_its_member() -> None:
    group = ExceptionGroup
    error = group("outer", [group("inner", [OSError("refused")])])
    assert [info.headline for info in exceptions.chain_of(error)] == ["OSError: refused"]
    several = group("outer", [OSError("a"), OSError("b")])
    assert [info.type for info in exceptions.chain_of(several)] == ["ExceptionGroup", "OSError"]
