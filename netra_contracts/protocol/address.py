"""Addresses of components: every form that a contract may name, read in one place.

An address is one of these, and may go on with a path of attributes, keys and indices:

- an entry of a state: `pool`, `lifespan:pool`, `/mount:pool`, `host.pattern:pool`, with a path `ctx.pool`;
- an object of a module: `myapp.db:engine`, `myapp.agents:Registry.instance`;
- what a function of a module returns: `myapp.agents:get_factory()`, with a path `myapp.agents:get_factory().bridge`.

What an entry is called decides where its path begins, so that one text may have several readings. `Address.readings`
has them in the order of their precedence; those who know the entries take the first one that exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from .record import record

#: The prefix of entries of the mapping that the lifespan yields.
LIFESPAN = "lifespan"
#: Says that what follows is an object of a module, where it could be read as an entry.
EXPLICIT = "module:"

_NAME = r"[^\W\d]\w*"
_STEP = r"[^\s.:()\[\]{}]+"
_TYPE = rf"\[(?:{_NAME}(?:\.{_NAME})*:)?{_NAME}(?:\.{_NAME})*\]"
_MODULE = re.compile(rf"{_NAME}(?:\.{_NAME})*")
_OBJECT = re.compile(rf"(?P<attribute>{_NAME}(?:\.{_STEP})*)(?P<call>\(\))?(?P<path>(?:\.{_STEP}|{_TYPE})*)")
_CONTAINER = re.compile(rf"(?P<base>.*[^:\[{{]){_TYPE}(?:\.{_STEP}|{_TYPE})*", re.DOTALL)
_UNCLOSED = re.compile(rf"[^\[]+\[{_NAME}(?:\.{_NAME})*:{_NAME}(?:\.{_NAME})*")
#: The hint where a text names nothing.
ADDRESS_FORMS = "write name, lifespan:name, /mount:name, or myapp.db:name for an object of a module"
_BRACKETS = {"[": "]", "{": "}"}


class Reading(NamedTuple):
    """One way to read an address: a component, and the path from it. `path` begins with a step, or with `[`."""

    base: str
    path: str = ""


class AddressFault(NamedTuple):
    """Why a text cannot be an address, as the end of a sentence, and what to write instead."""

    reason: str
    hint: str


@record(frozen=True)
class Address:
    """The address of a component, taken apart.

    Attributes:
        text: as it was written.
        prefix: of the state that the entry belongs to, empty for the application's own; or the module.
        name: what is named in that state or module, with its path.
        module: the module, if the text has the form of an object of a module; else empty. A state that a `Host` route
            serves may have a prefix of the same form, and its entry takes precedence.
        attribute: for an object of a module, the path of attributes that leads to it, or to the function to call.
        is_provider: whether it is what a function of a module returns.
        path: for a provider, the path from what it returns.
        is_explicit: whether the text says that it is an object of a module.
    """

    text: str
    prefix: str = ""
    name: str = ""
    module: str = ""
    attribute: str = ""
    is_provider: bool = False
    path: str = ""
    is_explicit: bool = False

    @property
    def is_module_object(self) -> bool:
        """Whether it has the form of an object of a module, or of what one of its functions returns."""
        return bool(self.module)

    @property
    def is_of_own_state(self) -> bool:
        """Whether it is in the application's own state: an entry, or below one."""
        return not self.prefix

    @property
    def last_name(self) -> str:
        """The last name of the path: `pool` of `ctx.pool` and of `/api:pool`, `get_pool` of `myapp.db:get_pool()`."""
        steps = split_path(self.name)
        if not all(steps):
            return self.name
        step = steps[-1]
        if step.startswith("[") and len(steps) > 1:
            return re.split("[.:]", step.strip("[]"))[-1]
        return step.removesuffix("()")

    @property
    def parents(self) -> tuple[str, ...]:
        """The addresses of what it is below, the nearest first: `order.0` and `order` for `order.0.handler`."""
        return tuple(reading.base for reading in self._splits())

    @property
    def parent(self) -> str:
        """The address of what it is an attribute or a member of; empty: it is below nothing that has an address."""
        return next(iter(self.parents), "")

    @property
    def root(self) -> str:
        """The outermost component that it is below; the address itself if there is none."""
        return next(reversed((self.text, *self.parents)))

    def readings(self) -> Iterator[Reading]:
        """As an entry: the whole text, then the longest name of an entry first. As an object of a module: none."""
        if not self.is_explicit:
            yield Reading(self.text)
            yield from self._splits()

    def _splits(self) -> Iterator[Reading]:
        start = len(self.text) - len(self.name)
        least = start + self.name.index("()") + 1 if self.is_provider else start
        for cut in reversed(_cuts(self.name)):
            at = start + cut
            path = self.text[at + (self.text[at] == ".") :]
            if at > least and self.text[at - 1] != "." and not path.startswith(".") and all(split_path(path)):
                yield Reading(self.text[:at], path)


@lru_cache(maxsize=4096)  # checks ask for the same addresses again and again
def parse_address(text: str) -> Address:
    """Take an address apart. Every text is one: where nothing else fits, it is the name of an entry."""
    if text.startswith(EXPLICIT):
        found = _object_of_module(text, text[len(EXPLICIT) :])
        if found is not None:
            return Address(**{**found.__dict__, "is_explicit": True})
    colon = _colon(text)
    if colon < 0:
        return Address(text, "", text)
    return _object_of_module(text, text) or Address(text, text[:colon], text[colon + 1 :])


def split_path(path: str) -> tuple[str, ...]:
    """The steps of a path: attributes, keys and indices, and `[module:Class]` for what a container has of a type."""
    cuts = _cuts(path)
    steps = [path[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(path)])]
    return (steps[0], *(step[step.startswith(".") :] for step in steps[1:]))


def last_name(text: str) -> str:
    """See `Address.last_name`."""
    return parse_address(text).last_name if any(letter in text for letter in ":.[(") else text


def fault_of(text: str) -> AddressFault | None:
    """Why no component can have a text as its address; None: one can.

    The name of an entry may contain any character: only what begins as another form and does not end as it is refused.
    """
    if not text:
        return AddressFault("the address of a component must not be empty", ADDRESS_FORMS)
    if parse_address(text).is_module_object:
        return None
    if _UNCLOSED.fullmatch(text):
        return AddressFault("it lacks the closing bracket", f'did you mean "{text}]"?')
    is_explicit = text.startswith(EXPLICIT) and ":" in text[len(EXPLICIT) :]
    module, colon, name = (text[len(EXPLICIT) :] if is_explicit else text).partition(":")
    if colon and not name and (is_explicit or "." in module or module == LIFESPAN or module.startswith("/")):
        return AddressFault("it names nothing after the colon", ADDRESS_FORMS)
    if not _MODULE.fullmatch(module) or not colon or (module == LIFESPAN and not is_explicit):
        return AddressFault("no module has this name", f"write {EXPLICIT}myapp.db:engine") if is_explicit else None
    return _fault_of_call(text[: len(text) - len(name)], name)


def _fault_of_call(before: str, name: str) -> AddressFault | None:
    """Why a name in a module is not what a function of it returns; None: it is not meant as that."""
    function = re.match(rf"{_NAME}(?:\.{_NAME})*(?=[()])", name)
    if function is None:
        return None
    call = name[function.end() :]
    hint = f'did you mean "{before}{function[0]}()"?'
    if call.startswith("()"):
        return AddressFault("only one function can be called, without arguments", hint)
    if call.startswith("(") and ")" in call:
        return AddressFault("a function is called without arguments", hint)
    return AddressFault("its parentheses do not match", hint)


def _object_of_module(text: str, reference: str) -> Address | None:
    """A text that has the form of an object of a module; None: it does not."""
    module, _, name = reference.partition(":")
    found = _OBJECT.fullmatch(name)
    if found is None or (module == LIFESPAN and reference is text) or not _MODULE.fullmatch(module):
        return None
    path = found["path"]
    return Address(text, module, name, module, found["attribute"], bool(found["call"]), path[path.startswith(".") :])


def _colon(text: str) -> int:
    """The position of the colon between a prefix and a name; -1: there is none.

    The first one for the lifespan and for mounts, whose path may have one in braces; else the last one.
    """
    is_first = text.startswith((f"{LIFESPAN}:", "/"))
    container = None if is_first else _CONTAINER.fullmatch(text)
    if container is not None:
        return container["base"].rfind(":")
    return next((at for at in _outside(text) if text[at] == ":"), -1) if is_first else text.rfind(":")


def _cuts(text: str) -> list[int]:
    """The positions in a name at which a path may begin: at its dots, and at the brackets of a type."""
    if "." not in text and "[" not in text:
        return []
    types = {found.start() for found in re.finditer(_TYPE, text)} if "[" in text else set()
    return [at for at in _outside(text) if at and (text[at] == "." or at in types)]


def _outside(text: str) -> Iterator[int]:
    """The positions of the characters that are not within brackets or braces. What is not closed encloses nothing."""
    end = -1
    for at, letter in enumerate(text):
        if at <= end:
            continue
        yield at
        closing = text.find(_BRACKETS[letter], at) if letter in _BRACKETS else -1
        end = max(end, closing)
