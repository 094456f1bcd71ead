"""Parses types and methods that users write as text.

The probe checks classes only, so unions are flattened and generics are reduced to their origin. A class is written as
`module:Class`: with dots alone, it would be unknown where the module ends.
"""

from __future__ import annotations

import ast
import builtins
import collections.abc
import re
import warnings
from typing import NamedTuple

from netra_contracts.contracts.model import Method
from netra_contracts.contracts.values import InvalidValue, quoted
from netra_contracts.errors import did_you_mean
from netra_contracts.protocol.plan import Scalar, TypeSpec

_BUILTINS = frozenset(name for name, member in vars(builtins).items() if isinstance(member, type))
#: `typing`'s own names for builtin classes.
_ALIASES = {"List": "list", "Dict": "dict", "Set": "set", "FrozenSet": "frozenset", "Tuple": "tuple", "Type": "type"}
_TYPING = re.compile(r"(?:typing|typing_extensions)[.:](\w+)")
_MAX_BRACKETS = 50

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<name>[^\W\d]\w*(?:[.:][^\W\d]\w*)*)
    | (?P<number>-?\d+)
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<punctuation>[][|,.()])
    )""",
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str


_END = _Token("end", "")


def parse_type(text: str) -> TypeSpec:
    """A type as data: `myapp.ws:Pool | None`, `Optional[int]`, `list[str]`, `Literal["a", "b"]`.

    `Any` is `object`. Alone it allows everything, so the result is empty; `object | None` is kept, since it allows
    None. `None` among literals becomes the name `None`.

    Raises:
        InvalidValue: if it is not a type.
    """
    return _TypeParser(text).parse()


class _TypeParser:
    """Parses a type from left to right, and collects the names and literals that it allows."""

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        self._tokens = self._split()
        self._at = 0
        self._names: list[str] = []
        self._literals: list[Scalar] = []

    def parse(self) -> TypeSpec:
        if not self._text:
            raise InvalidValue("the type is empty", "write module:Class, e.g. myapp.ws:Pool, or remove the key")
        self._union()
        if self._next != _END:
            raise self._unexpected()
        names = tuple(dict.fromkeys(self._names))
        literals = {(type(value), value): value for value in self._literals}  # 1 and True are two literals
        return TypeSpec(self._text, () if names == ("object",) else names, tuple(literals.values()))

    def _split(self) -> list[_Token]:
        tokens: list[_Token] = []
        at = 0
        while at < len(self._text):
            match = _TOKEN.match(self._text, at)
            if match is None or match.lastgroup is None:
                raise self._error(f'"{self._text[at:].strip()[:1]}" is not allowed in a type')
            tokens.append(_Token(match.lastgroup, match[match.lastgroup]))
            at = match.end()
        if sum(token.text == "[" for token in tokens) > _MAX_BRACKETS:
            raise self._error("it has too many brackets")
        return tokens

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _take(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def _accept(self, token: str) -> bool:
        is_next = self._next == _Token("punctuation", token)
        self._at += is_next
        return is_next

    def _expect(self, token: str) -> None:
        if not self._accept(token):
            raise self._unexpected(f', "{token}" was expected')

    def _error(self, reason: str, hint: str = "") -> InvalidValue:
        return InvalidValue(f"{quoted(self._text)} is not a type: {reason}", hint)

    def _unexpected(self, more: str = "") -> InvalidValue:
        at_end = self._next == _END
        return self._error(f"it ends too early{more}" if at_end else f'unexpected "{self._next.text}"{more}')

    def _union(self) -> None:
        """One alternative or several."""
        self._alternative()
        while self._accept("|"):
            self._alternative()

    def _alternative(self) -> None:
        token = self._next
        if token.kind == "string":
            raise self._error(f"{token.text} is a string", f"write the class without quotes, or Literal[{token.text}]")
        if token.kind != "name":
            raise self._unexpected()
        self._at += 1
        typing_name = _TYPING.fullmatch(token.text)
        name = typing_name[1] if typing_name else token.text
        if name in ("Optional", "Union", "Annotated", "Literal"):
            self._form(name)
        else:
            self._names.append(self._reference(name, from_typing=typing_name is not None))
            if self._accept("["):
                self._skip_brackets()

    def _form(self, name: str) -> None:
        """The arguments of a special form of `typing`."""
        self._expect("[")
        read = self._literal if name == "Literal" else self._union
        read()
        if name == "Annotated":
            self._skip_brackets()
            return
        while name != "Optional" and self._accept(","):
            read()
        self._expect("]")
        if name == "Optional":
            self._names.append("None")

    def _skip_brackets(self) -> None:
        """Skip the arguments of a generic, after the opening bracket."""
        depth = 1
        while depth:
            token = self._next
            if token == _END:
                raise self._unexpected(', "]" was expected')
            depth += (token.text == "[") - (token.text == "]") if token.kind == "punctuation" else 0
            self._at += 1

    def _literal(self) -> None:
        token = self._take()
        if token.kind == "string":
            self._literals.append(self._string(token.text))
        elif token.kind == "number":
            self._literals.append(self._number(token.text))
        elif token.text in ("True", "False"):
            self._literals.append(token.text == "True")
        elif token.text == "None":
            self._names.append("None")
        else:
            hint = f'write it in quotes: "{token.text}"' if token.kind == "name" else ""
            raise self._error(f"{token.text} is not a string, whole number, boolean or None, as Literal holds", hint)

    def _string(self, written: str) -> str:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # an unknown escape is kept as it is
                return str(ast.literal_eval(written))
        except (SyntaxError, ValueError) as error:
            hint = "write it on one line, a backslash as two"
            raise self._error("Python cannot read the string in it", hint) from error

    def _number(self, written: str) -> int:
        try:
            return int(written)
        except ValueError as error:  # Python limits the digits
            raise self._error("the number in it is too large") from error

    def _reference(self, name: str, *, from_typing: bool) -> str:
        if name in ("None", "Any"):
            return name.replace("Any", "object")
        if from_typing:
            return _ALIASES.get(name, f"typing:{name}")
        if name.count(":") == 1 and not name.rpartition(":")[2].startswith("."):
            return name
        if ":" in name:
            module, _, rest = name.partition(":")
            raise self._error("it has more than one colon", f"write {module}:{rest.replace(':', '.')}")
        if name in _BUILTINS or name in _ALIASES:
            return _ALIASES.get(name, name)
        if "." in name:
            module, _, cls = name.rpartition(".")
            raise self._error("a colon must separate the module and the class", f"write {module}:{cls}")
        raise self._error(f'"{name}" is not a builtin', self._hint(name))

    @staticmethod
    def _hint(name: str) -> str:
        if name in collections.abc.__all__:
            return f"write collections.abc:{name}"
        return did_you_mean(name, _BUILTINS) if name.islower() else f"write where it is defined: module:{name}"


_METHOD = re.compile(r"(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)\s*(?P<call>\(.*\))?", re.DOTALL)
_METHOD_HINT = "write a name, e.g. close, or the signature of a call it must accept, e.g. emit_event(event, data)"


def parse_method(text: str, *, asynchronous: bool = False) -> Method:
    """A method: `close`, `close()`, `emit_event(event, data, *, urgent=False)`. The name may be dotted.

    Parameters are passed by position, those after `*` by name. A parameter with a default may be left out.

    Args:
        text: what was written.
        asynchronous: whether it must be async.

    Raises:
        InvalidValue: if it is not a method.
    """
    match = _METHOD.fullmatch(text.strip())
    if match is None:
        raise InvalidValue(f"{quoted(text)} is not a method", _METHOD_HINT)
    signature = "" if match["call"] is None else _signature(text, match["call"])
    return Method(name=match["name"], signature=signature, asynchronous=asynchronous)


def _signature(text: str, call: str) -> str:
    """The parameters in parentheses, normalised."""
    try:
        [function] = ast.parse(f"def _{' '.join(call.split())}: ...").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        function = None
    if not isinstance(function, ast.FunctionDef) or function.returns is not None:
        raise InvalidValue(f"{quoted(text)} is not a method with parameters", _METHOD_HINT)
    arguments = function.args
    if arguments.vararg is not None or arguments.kwarg is not None:
        raise InvalidValue(f"{quoted(text)} has * or **, which cannot be checked", "name each argument")
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    if len(set(names)) < len(names):
        raise InvalidValue(f"{quoted(text)} has the same parameter twice")
    if names[:1] == ["self"]:
        raise InvalidValue(f"{quoted(text)} has the parameter self, which a call does not pass", "leave it out")
    return f"({ast.unparse(arguments)})"
