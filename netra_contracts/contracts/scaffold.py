"""Writes contracts for observed components, for `netra-contracts init`: as TOML, or as a typed state class."""

from __future__ import annotations

import builtins
import importlib
import json
import keyword
import re
import sys
import tomllib
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import tomlkit
import tomlkit.exceptions
from tomlkit.items import InlineTable

from netra_contracts.contracts.contract_schema import checked_address
from netra_contracts.contracts.inference import InferredTerms
from netra_contracts.contracts.reliance import Reliance
from netra_contracts.contracts.reliance_text import RelianceOf, printable, terms_of_reliance
from netra_contracts.contracts.toml_positions import lines_of
from netra_contracts.contracts.values import InvalidValue
from netra_contracts.errors import Problem, UsageError
from netra_contracts.protocol.observed.app_states import StateEntry

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WAS_NONE = 'it was None during init; name its class: "module:Class", or "module:Class | None" if None is right'
_NOT_CALLED = "startup has not called it, and the first call creates its object"
#: Names that an import in the output of `typed_class` must not rebind.
_RESERVED = frozenset({"Annotated", "Any", "Contract", "Protocol", *vars(builtins)})


class _Further(NamedTuple):
    """Terms beyond the type."""

    inferred: Mapping[str, InferredTerms]
    reliance: RelianceOf | None

    def inferred_of(self, address: str) -> InferredTerms:
        """What was inferred from the run."""
        return self.inferred.get(address, InferredTerms())

    def reliance_of(self, component: StateEntry) -> Reliance | None:
        """What the sources rely on. A contract without another term is not optional: it could not fail."""
        found = self.reliance.of(component.address) if self.reliance is not None else None
        inferred = _more_terms(self.inferred_of(component.address))
        if found is None or found.terms or inferred or _type_text(component):
            return found
        return found._replace(optional=False)

    def all_terms(self, component: StateEntry) -> dict[str, Any]:
        """The terms of a component, as TOML spells them."""
        reliance = self.reliance_of(component)
        relied = terms_of_reliance(reliance) if reliance is not None else {}
        return {**_more_terms(self.inferred_of(component.address)), **relied}


def components_to_toml(
    components: Sequence[StateEntry],
    target: str | None,
    existing: str | None,
    prefix: str,
    *,
    inferred: Mapping[str, InferredTerms] = MappingProxyType({}),
    reliance: RelianceOf | None = None,
    options: Mapping[str, str | float | bool] = MappingProxyType({}),
) -> str:
    """A configuration with a contract for each observed component.

    The existing text is kept, with its comments, formatting and line ends; a target and contracts that it has are not
    written again. `check` passes with the result, unless the startup changes.

    Args:
        components: the observed components.
        target: the target, as one would type it; None: it is not written.
        existing: text of the file; None: there is no file.
        prefix: dotted name of the table for the configuration, or "" for the whole file. Of several tables with
            this name, it is the last one.
        inferred: further terms of the contracts, by address.
        reliance: what the sources rely on; None: contracts do not have it.
        options: further keys of the configuration; those that it has are not written again.

    Raises:
        tomllib.TOMLDecodeError: if the existing text is not TOML.
        UsageError: if the existing text has a form that nothing can be added to.
    """
    text = existing or ""
    has_crlf = 0 < text.count("\r\n") == text.count("\n")
    if has_crlf:
        text = text.replace("\r\n", "\n")
    table = _at(tomllib.loads(text), prefix.split(".") if prefix else ())
    try:
        named = {} if target is None else {"target": target}
        further = _Further(inferred, reliance)
        written = _written(components, {**named, **options}, further, text, prefix, table)
        tomllib.loads(written)
    except (tomllib.TOMLDecodeError, tomlkit.exceptions.TOMLKitError) as error:
        hint = f"write [{prefix}] as a table, not in braces" if prefix else "write components as tables, not in braces"
        raise UsageError([Problem("contracts cannot be added to this file", hint=hint)]) from error
    return written.replace("\n", "\r\n") if has_crlf else written


def _written(
    components: Sequence[StateEntry],
    options: Mapping[str, str | float | bool],
    further: _Further,
    text: str,
    prefix: str,
    table: Mapping[str, Any],
) -> str:
    steps = tuple(prefix.split(".")) if prefix else ()
    inline = isinstance(_at(tomlkit.parse(text), steps), InlineTable)
    missing = {key: value for key, value in options.items() if key not in table}
    if missing:
        text = _with_options(text, steps, missing, inline=inline)
    new = [component for component in components if component.address not in _at(table, ("components",))]
    new = [component for component in new if not _is_uncalled(component) or _comment(component, steps) not in text]
    writable = [component for component in new if _is_writable(component.address)]
    if inline or isinstance(_at(tomlkit.parse(text), (*steps, "components")), InlineTable):
        return _with_inline(text, steps, writable, further)
    blocks = [_block(component, further, steps) for component in writable]
    left_out = len(new) - len(writable)
    if not blocks:
        return text
    if left_out:
        blocks.append(f"# Omitted: {left_out} components whose names cannot be written in TOML.\n")
    return "\n".join([text.rstrip("\n") + "\n", *blocks] if text.strip() else blocks)


def _at(document: Any, steps: Sequence[str]) -> Any:
    """The table at a path, of an array of tables the last one; or an empty table."""
    for step in steps:
        value = document.get(step)
        if isinstance(value, list) and value:
            value = value[-1]
        document = value if isinstance(value, Mapping) else {}
    return document


def _is_writable(address: str) -> bool:
    """Whether TOML can express an address, and a contract may have it."""
    try:
        checked_address(address)
        address.encode("utf-8")
    except (InvalidValue, UnicodeEncodeError):
        return False
    return True


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else tomlkit.string(name).as_string()


def without_components(text: str, prefix: str, addresses: Collection[str]) -> str:
    """A configuration without the contracts of some components.

    Args:
        text: of the file.
        prefix: dotted name of the table that holds the configuration, or "" for the whole file.
        addresses: of components that have a contract in it.

    Raises:
        UsageError: if the text has a form that nothing can be removed from.
    """
    steps = (*prefix.split("."), "components") if prefix else ("components",)
    document = tomlkit.parse(text)
    kept = {name: terms for name, terms in _at(tomllib.loads(text), steps).items() if name not in addresses}
    try:
        table = _at(document, steps)
        for address in addresses:
            del table[address]
        written = document.as_string()
        same = _at(tomllib.loads(written), steps) == kept
    except (KeyError, tomllib.TOMLDecodeError, tomlkit.exceptions.TOMLKitError):
        same = False
    if not same:
        raise UsageError([Problem("contracts cannot be removed from this file", hint="remove them by hand")])
    return written


def _with_options(text: str, steps: Sequence[str], options: Mapping[str, str | float | bool], *, inline: bool) -> str:
    assignment = "".join(f"{key} = {tomlkit.item(value).as_string()}\n" for key, value in options.items())
    if not steps:
        return f"{assignment}\n{text}" if text else assignment
    header = lines_of(text).get(tuple(steps))
    lines = text.split("\n")  # as TOML counts them: it has no other line separators
    if inline or (header is not None and not lines[header - 1].lstrip().startswith("[")):
        document = tomlkit.parse(text)
        _at(document, steps).update(options)
        return document.as_string()
    if header is None:
        block = f"[{'.'.join(map(_key, steps))}]\n{assignment}"
        return f"{text.rstrip()}\n\n{block}" if text.strip() else block
    return "\n".join([*lines[:header], assignment.rstrip("\n"), *(lines[header:] or [""])])


def _with_inline(text: str, steps: Sequence[str], components: Sequence[StateEntry], further: _Further) -> str:
    """Add contracts to a configuration that is an inline table, which other tables cannot extend."""
    document = tomlkit.parse(text)
    table = _at(document, steps)
    for component in components:
        if _is_uncalled(component):
            continue
        contract = tomlkit.inline_table()
        contract.update({"type": kind} if (kind := _type_text(component)) else {})
        contract.update(further.all_terms(component))
        table.setdefault("components", tomlkit.inline_table())[component.address] = contract
    return document.as_string()


def _more_terms(terms: InferredTerms) -> dict[str, Any]:
    """Inferred terms as TOML spells them."""
    wires = tomlkit.inline_table()
    wires.update(terms.wires)
    known = {"phase": terms.phase, "requires": list(terms.requires), "wires": wires, "same-as": terms.same_as}
    return {key: value for key, value in known.items() if value}


def _block(component: StateEntry, further: _Further, steps: Sequence[str]) -> str:
    """One contract, as a table."""
    if _is_uncalled(component):
        return f"{_comment(component, steps)}\n"
    header = _header(component, steps)
    kind, remark = _type_text(component), _remark(component)
    lines = [f"{header}  # {remark}" if remark and not kind else header]
    if kind:
        assignment = f"type = {tomlkit.string(kind).as_string()}"
        lines.append(f"{assignment}  # {remark}" if remark else assignment)
    terms = _more_terms(further.inferred_of(component.address))
    lines.extend(f"{key} = {tomlkit.item(value).as_string()}" for key, value in terms.items())
    if further.reliance is not None:
        relied = further.reliance_of(component)
        text = further.reliance.text
        lines.extend(text.toml(relied, lambda word: tomlkit.string(word).as_string()) if relied is not None else ())
    return "\n".join(lines) + "\n"


def _header(component: StateEntry, steps: Sequence[str]) -> str:
    return f"[{'.'.join(map(_key, (*steps, 'components', component.address)))}]"


def _is_uncalled(component: StateEntry) -> bool:
    """Whether it is what a function of a module would return."""
    return not component.type and not component.is_none


def _comment(component: StateEntry, steps: Sequence[str]) -> str:
    """A contract that would have a function of the application called that nothing has called."""
    return f"# {_header(component, steps)}  # {_NOT_CALLED}"


def _type_text(component: StateEntry) -> str:
    """The `type` of a component's contract; "" for none."""
    if component.is_none:
        return "object | None"
    return component.type if not component.test_double and is_nameable(component.type) else ""


def _remark(component: StateEntry) -> str:
    if component.is_none:
        return _WAS_NONE
    if component.test_double:
        return f"it was a test double, {printable(component.test_double)}: name the class that it replaces as `type`"
    return "" if is_nameable(component.type) else f"its type, {printable(component.type)}, cannot be named"


def is_nameable(kind: str) -> bool:
    """Whether a type can probably be imported by its name.

    Types of the standard library are looked up: some C classes have names that do not exist in their module.
    """
    module, colon, path = kind.partition(":")
    if not colon:
        return isinstance(getattr(builtins, kind, None), type)
    steps = [*module.split("."), *path.split(".")]
    if module == "__main__" or not all(step.isidentifier() and not keyword.iskeyword(step) for step in steps):
        return False
    return steps[0] not in sys.stdlib_module_names or _is_importable(module, path.split("."))


def _is_importable(module: str, path: Sequence[str]) -> bool:
    try:
        member: Any = importlib.import_module(module)
        for step in path:
            member = getattr(member, step)
    except (ImportError, AttributeError):
        return False
    return isinstance(member, type)


def typed_class(
    components: Sequence[StateEntry],
    name: str = "AppState",
    *,
    inferred: Mapping[str, InferredTerms] = MappingProxyType({}),
    reliance: RelianceOf | None = None,
) -> str:
    """Python source of a class whose annotations are contracts: `check --contracts module:AppState`.

    The source is valid in Python 3.9. Components whose names cannot be annotated are listed in comments.

    Args:
        components: the observed components.
        name: name of the class.
        inferred: further terms of the contracts, by address.
        reliance: what the sources rely on; None: contracts do not have it.
    """
    further = _Further(inferred, reliance)
    imports = _Imports(name)
    annotatable = [component for component in components if _is_annotatable(component.address)]
    lines = [line for component in annotatable for line in _annotated(component, further, imports)]
    left_out = [component.address for component in components if not _is_annotatable(component.address)]
    lines.extend(f"# omitted, since it is not a valid attribute name: {printable(address)}" for address in left_out)
    body = "".join(f"\n    {line}" for line in lines)
    return f'{imports.text()}\n\nclass {name}(Protocol):\n    """The state after startup."""\n{body}\n'


def _is_annotatable(name: str) -> bool:
    """Whether an annotation of this name declares a contract: private names and pydantic's `model_config` do not."""
    is_name = name.isidentifier() and not keyword.iskeyword(name) and unicodedata.normalize("NFKC", name) == name
    return is_name and not name.startswith("_") and name != "model_config"


def _annotated(component: StateEntry, further: _Further, imports: _Imports) -> Iterator[str]:
    """The lines of one annotation."""
    if further.reliance is not None:
        relied = further.reliance_of(component)
        yield from further.reliance.text.comments(relied) if relied is not None else ()
    yield _annotation(component, further.all_terms(component), imports)


def _annotation(component: StateEntry, terms: Mapping[str, Any], imports: _Imports) -> str:
    remark = _remark(component)
    if component.is_none:
        imports.contract = imports.any = True
        return f"{component.address}: Annotated[Any, Contract(optional=True)]  # it was None: name its class"
    kind = imports.of(component.type) if _type_text(component) else "Any"
    imports.any |= kind == "Any"
    if terms:
        imports.contract = True
        keywords = (f"{key.replace('-', '_')}={_literal(value)}" for key, value in terms.items())
        kind = f"Annotated[{kind}, Contract({', '.join(keywords)})]"
    return f"{component.address}: {kind}" + (f"  # {remark}" if remark else "")


def _literal(value: bool | str | list[str] | Mapping[str, str]) -> str:
    """A term as Python source, in double quotes."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return "{" + ", ".join(f"{_literal(key)}: {_literal(other)}" for key, other in value.items()) + "}"


class _Imports:
    """The imports of a module, each name once."""

    def __init__(self, own: str) -> None:
        self.contract = False
        self.any = False
        self._taken = {*_RESERVED, own}
        self._names: dict[tuple[str, str], str] = {}

    def of(self, kind: str) -> str:
        """The expression for a type, given as `module:qualname` or the name of a builtin."""
        module, colon, path = kind.partition(":")
        if not colon:
            return kind
        outer, _, inner = path.partition(".")
        local = self._names.get((module, outer)) or self._free(outer)
        self._names[module, outer] = local
        return f"{local}.{inner}" if inner else local

    def _free(self, name: str) -> str:
        candidates = (name, *(f"{name}{number}" for number in range(2, len(self._taken) + 3)))
        free = next(candidate for candidate in candidates if candidate not in self._taken)
        self._taken.add(free)
        return free

    def text(self) -> str:
        """The import statements."""
        return "\n".join(["from __future__ import annotations\n", *self._lines()]) + "\n"

    def _lines(self) -> Iterator[str]:
        typing = [name for name, used in (("Annotated", self.contract), ("Any", self.any)) if used]
        yield f"from typing import {', '.join([*typing, 'Protocol'])}\n"
        if self.contract:
            yield "from netra_contracts.declare import Contract"
        for (module, outer), local in sorted(self._names.items()):
            yield f"from {module} import {outer}" + (f" as {local}" if local != outer else "")
