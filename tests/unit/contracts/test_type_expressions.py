"""Types and methods are parsed; invalid ones are reported with a correction."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_contracts.contracts.model import Method
from netra_contracts.contracts.type_expressions import parse_method, parse_type
from netra_contracts.contracts.values import InvalidValue
from netra_contracts.protocol.plan import Scalar, TypeSpec


@pytest.mark.parametrize(
    ("text", "names", "literals"),
    [
        ("myapp.ws:Pool", ("myapp.ws:Pool",), ()),
        ("myapp.ws:Outer.Pool", ("myapp.ws:Outer.Pool",), ()),
        ("int", ("int",), ()),
        ("None", ("None",), ()),
        ("myapp.ws:Pool | None", ("myapp.ws:Pool", "None"), ()),
        ("int|str|int", ("int", "str"), ()),
        ("Optional[myapp.ws:Pool]", ("myapp.ws:Pool", "None"), ()),
        ("Union[int, Optional[str], a:B]", ("int", "str", "None", "a:B"), ()),
        ("typing.Union[int, str]", ("int", "str"), ()),
        ("list[str]", ("list",), ()),
        ("dict[str, list[tuple[int, ...]]] | None", ("dict", "None"), ()),
        ("typing.Dict[str, int]", ("dict",), ()),
        ("collections.abc:Mapping", ("collections.abc:Mapping",), ()),
        ("collections.abc:Callable[[int, str], None]", ("collections.abc:Callable",), ()),
        ("typing:Mapping[str, int]", ("typing:Mapping",), ()),
        ("Annotated[int, 'anything', Gt(3)]", ("int",), ()),
        ('Literal["a", 1, True, -3]', (), ("a", 1, True, -3)),
        (r"Literal['a\tb', 'c\d']", (), ("a\tb", "c\\d")),
        ("typing.Literal['fast', 'slow:er | [x]']", (), ("fast", "slow:er | [x]")),
        ('Literal["a", None]', ("None",), ("a",)),
        ('Literal["a"] | int', ("int",), ("a",)),
        ("Any", (), ()),
        ("object", (), ()),
        ("object | None", ("object", "None"), ()),
    ],
)
def test_type_is_parsed(text: str, names: tuple[str, ...], literals: tuple[Scalar, ...]) -> None:
    spec = parse_type(f" {text} ")
    assert spec == TypeSpec(text, names, literals)
    assert [type(value) for value in spec.literals] == [type(value) for value in literals]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "the type is empty", "write module:Class, e.g. myapp.ws:Pool, or remove the key"),
        (
            "myapp.ws.Pool",
            '"myapp.ws.Pool" is not a type: a colon must separate the module and the class',
            "write myapp.ws:Pool",
        ),
        ("a:b:C", '"a:b:C" is not a type: it has more than one colon', "write a:b.C"),
        ("Pool", '"Pool" is not a type: "Pool" is not a builtin', "write where it is defined: module:Pool"),
        ("strr | int", '"strr | int" is not a type: "strr" is not a builtin', 'did you mean "str"?'),
        ("Mapping", '"Mapping" is not a type: "Mapping" is not a builtin', "write collections.abc:Mapping"),
        (
            "'Pool'",
            "\"'Pool'\" is not a type: 'Pool' is a string",
            "write the class without quotes, or Literal['Pool']",
        ),
        ("list[int", '"list[int" is not a type: it ends too early, "]" was expected', ""),
        ("int |", '"int |" is not a type: it ends too early', ""),
        ("int]", '"int]" is not a type: unexpected "]"', ""),
        ("Optional[int, str]", '"Optional[int, str]" is not a type: unexpected ",", "]" was expected', ""),
        ("my-app:Pool", '"my-app:Pool" is not a type: "-" is not allowed in a type', ""),
        (
            "Literal[fast]",
            '"Literal[fast]" is not a type: fast is not a string, whole number, boolean or None, as Literal holds',
            'write it in quotes: "fast"',
        ),
        (
            r"Literal['C:\new\x']",
            r""""Literal['C:\new\x']" is not a type: Python cannot read the string in it""",
            "write it on one line, a backslash as two",
        ),
        (
            "Literal['a\nb']",
            "\"Literal['a b']\" is not a type: Python cannot read the string in it",
            "write it on one line, a backslash as two",
        ),
        (
            f"Literal[{'9' * 5000}]",
            f'"Literal[{"9" * 52}..." is not a type: the number in it is too large',
            "",
        ),
        ("Union[" * 60, f'"{("Union[" * 60)[:60]}..." is not a type: it has too many brackets', ""),
    ],
)
def test_invalid_type_is_reported_with_a_correction(text: str, message: str, hint: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_type(text)
    assert (str(caught.value), caught.value.hint) == (message, hint)


@given(st.text(st.sampled_from("aPool.:|[], \"'LiteralOptinU1-\n()\\"), max_size=40))
def test_any_text_is_a_type_or_raises_invalid_value(text: str) -> None:
    try:
        spec = parse_type(text)
    except InvalidValue:
        return
    assert spec.text == text.strip()
    assert spec.names or spec.literals or "object" in text


_SIMPLE = st.sampled_from(["int", "str", "None", "a:B", "a.b:C.D", "typing:Mapping"])


@given(st.lists(st.one_of(_SIMPLE, st.text().map(repr), st.integers(), st.booleans()), min_size=1, max_size=6))
def test_union_has_the_names_and_literals_of_its_members(parts: list[str | int]) -> None:
    names = [part for part in parts if part in {"int", "str", "None", "a:B", "a.b:C.D", "typing:Mapping"}]
    values = [part for part in parts if part not in names or isinstance(part, int)]
    written = [*map(str, names), *(f"Literal[{value}]" for value in values)]
    spec = parse_type(" | ".join(written))
    assert spec.names == tuple(dict.fromkeys(names))
    wanted = [ast.literal_eval(value) if isinstance(value, str) else value for value in values]
    assert {(type(value), value) for value in spec.literals} == {(type(value), value) for value in wanted}


class TestMethods:
    @pytest.mark.parametrize(
        ("text", "name", "signature"),
        [
            ("send", "send", ""),
            ("close()", "close", "()"),
            ("emit_event(event, data)", "emit_event", "(event, data)"),
            (" emit_event ( event,data ) ", "emit_event", "(event, data)"),
            ("client.get(url, /, *, timeout, retry=3)", "client.get", "(url, /, *, timeout, retry=3)"),
            ("send(event, data=None)", "send", "(event, data=None)"),
        ],
    )
    def test_method_is_parsed(self, text: str, name: str, signature: str) -> None:
        assert parse_method(text) == Method(name=name, signature=signature)
        assert parse_method(text, asynchronous=True) == Method(name=name, signature=signature, asynchronous=True)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", '"" is not a method'),
            ("emit_event(event", '"emit_event(event" is not a method'),
            ("1st", '"1st" is not a method'),
            ("send(1)", '"send(1)" is not a method with parameters'),
            ("send(a) -> int", '"send(a) -> int" is not a method'),
            ("send(a): ...\ndef other()", '"send(a): ... def other()" is not a method with parameters'),
            ("send(a, a)", '"send(a, a)" has the same parameter twice'),
            ("send(self, a)", '"send(self, a)" has the parameter self, which a call does not pass'),
            ("send(*args)", '"send(*args)" has * or **, which cannot be checked'),
            ("send(\0)", None),
        ],
    )
    def test_invalid_method_is_reported_with_a_correction(self, text: str, message: str | None) -> None:
        with pytest.raises(InvalidValue) as caught:
            parse_method(text)
        assert message in {None, str(caught.value)}

    @given(
        names=st.lists(st.from_regex(r"[a-z]{1,3}_", fullmatch=True), unique=True, max_size=5),
        positional=st.integers(0, 5),
        keyword_only=st.booleans(),
    )
    def test_normalised_method_is_parsed_back(self, names: list[str], positional: int, *, keyword_only: bool) -> None:
        arguments = [*names[:positional], *(["*"] if keyword_only and names[positional:] else []), *names[positional:]]
        method = parse_method(f"send({', '.join(arguments)})")
        assert parse_method(f"{method.name}{method.signature}") == method
        assert method.signature == f"({', '.join(arguments)})"
