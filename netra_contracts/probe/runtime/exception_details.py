"""What an exception is about, where its message does not say so: variables of the environment, and hosts."""

from __future__ import annotations

import socket
from types import FrameType
from typing import Any

from ..inspection import own_code
from ..inspection.safe_inspect import class_name, dotted_name, mro

_MAX_HOST = 253  # of a name in the DNS (RFC 1035), in characters

#: The frames and lines of an exception's traceback, outermost first.
Frames = list[tuple[FrameType, int]]


def missing_variables(error: BaseException, frames: Frames) -> tuple[str, ...]:
    """The variables that an exception says are missing from the environment: `os.environ[...]`, pydantic-settings."""
    if type(error) is KeyError and frames and _module(frames[-1][0]) == "os":
        return tuple(name for name in error.args[:1] if type(name) is str)
    if dotted_name(type(error)) == "pydantic_core._pydantic_core.ValidationError":
        for frame, _ in frames:
            path = frame.f_code.co_filename.replace("\\", "/")
            if frame.f_code.co_name == "__init__" and path.endswith("pydantic_settings/main.py"):
                return _missing_settings(error, frame)
    return ()


def unknown_host(error: BaseException, frames: Frames) -> str:
    """The host whose name could not be resolved; empty: the exception is about something else."""
    if not any(base is socket.gaierror for base in mro(type(error))):
        return ""
    for frame, _ in frames:
        if _module(frame) == "socket" and frame.f_code.co_name == "getaddrinfo":
            host = frame.f_locals.get("host")
            return host if type(host) is str and len(host) <= _MAX_HOST else ""
    return ""


def none_attributes(error: BaseException, message: str, frames: Frames) -> tuple[str, ...]:
    """The attributes that the line of the application reads, if the exception says that an object is None."""
    if type(error) not in (AttributeError, TypeError) or "NoneType" not in message:
        return ()
    own = [(frame.f_code, line) for frame, line in frames if own_code.is_own_code(frame.f_code.co_filename)]
    if not own:
        return ()
    from ..inspection import code_names

    return code_names.read_at(*own[-1])


def _module(frame: FrameType) -> Any:
    return frame.f_globals.get("__name__")


def _missing_settings(error: Any, frame: FrameType) -> tuple[str, ...]:
    """The variables that pydantic-settings would have read the missing fields from, by its own rules.

    https://docs.pydantic.dev/latest/concepts/pydantic_settings/#environment-variable-names
    """
    first = next((name for name in frame.f_code.co_varnames), "")
    cls = type(frame.f_locals.get(first))
    config, fields = getattr(cls, "model_config", {}), getattr(cls, "model_fields", {})
    try:
        missing = [item["loc"] for item in error.errors(include_input=False) if item["type"] == "missing"]
    except Exception:
        return ()
    return tuple(dict.fromkeys(_variable(location, config, fields) for location in missing if location))


def _variable(location: tuple[Any, ...], config: Any, fields: Any) -> str:
    name, *nested = [str(step) for step in location]
    alias = getattr(fields.get(name), "validation_alias", None)
    choices = getattr(alias, "choices", None)
    if choices:
        alias = choices[0]
    prefix = config.get("env_prefix") or "" if name in fields else ""
    variable = alias if type(alias) is str else f"{prefix}{name}"
    delimiter = config.get("env_nested_delimiter")
    if delimiter and nested:
        variable = delimiter.join([variable, *nested])
    return variable if config.get("case_sensitive") else variable.upper()


def only_member(error: BaseException) -> BaseException:
    """The exception in a group that has no other, itself taken out of a group; another exception as it is."""
    while class_name(error).endswith("ExceptionGroup"):
        members = getattr(error, "exceptions", ())
        if type(members) is not tuple or len(members) != 1:
            break
        error = members[0]
    return error
