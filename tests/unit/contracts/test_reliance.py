"""What code relies on becomes terms of a contract, as far as the running object allows it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

import pytest

from netra_contracts.contracts.contract_schema import ContractSchema
from netra_contracts.contracts.model import ContractSource
from netra_contracts.contracts.reliance import Read, Reliance, relied_on
from netra_contracts.contracts.reliance_text import RelianceOf, RelianceText
from netra_contracts.contracts.scaffold import components_to_toml, typed_class
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.observed.app_states import StateEntry
from netra_contracts.protocol.plan import Question
from netra_contracts.protocol.source_usage import Use
from tests.unit.contracts.test_scaffold import read
from tests.unit.model.usage_samples import FOLDER, at, use

Answers = Mapping[str, Answer]


def answering(answers: Answers) -> Callable[[Question], Answer | None]:
    """Everything holds unless an answer says otherwise: they are named `async get(a)`, `get(a)` or `dsn`."""

    def answer_of(question: Question) -> Answer | None:
        text = f"{'async ' if question.asynchronous else ''}{question.path}{question.signature}"
        return answers.get(text, Answer(0, True))

    return answer_of


def relied(*uses: Use, guarded: bool = False, answers: Answers = {}) -> Reliance:  # noqa: B006 - never changed
    reads = [Read(at("api.py", number), guarded, (use,)) for number, use in enumerate(uses, 1)]
    return relied_on("pool", reads, answering(answers))


def texts(reliance: Reliance) -> dict[str, list[str]]:
    return {kind: [each.text for each in terms] for kind, terms in reliance.terms.items()}


@pytest.mark.parametrize(
    ("used", "terms"),
    [
        (use("attribute", "dsn"), {"attributes": ["dsn"]}),
        (use("attribute", "settings.dsn"), {"attributes": ["settings.dsn"]}),
        (use("call", "get", "(a, *, default)"), {"methods": ["get(a, *, default)"]}),
        (use("call", "get"), {"methods": ["get"]}),
        (use("call", "", "(a)"), {"methods": ["__call__(a)"]}),
        (use("await", "get", "(a)"), {"async-methods": ["get(a)"]}),
        (use("await", "", "(a)"), {"async-methods": ["__call__(a)"]}),
        (use("await"), {"methods": ["__await__"]}),
        (use("await", "ready"), {"methods": ["ready.__await__"]}),
        (use("async-with", "session", "()"), {"methods": ["session()"]}),
        (use("async-with"), {"methods": ["__aenter__"]}),
        (use("with"), {"methods": ["__enter__"]}),
        (use("iterate"), {"methods": ["__iter__"]}),
        (use("async-iterate", "stream", "(a)"), {"methods": ["stream(a)"]}),
        (use("subscript"), {"methods": ["__getitem__"]}),
        (use("subscript", "users"), {"methods": ["users.__getitem__"]}),
    ],
)
def test_use_becomes_a_term_that_a_contract_can_have(used: Use, terms: dict[str, list[str]]) -> None:
    assert texts(relied(used)) == terms
    contract = ContractSchema.model_validate(terms).contract("pool", ContractSource())
    assert contract.methods or contract.attributes


def test_terms_that_others_imply_are_left_out_and_their_lines_kept() -> None:
    found = relied(
        use("attribute", "get"),
        use("call", "get", "(a)"),
        use("call", "get"),
        use("attribute", "settings"),
        use("attribute", "settings.dsn"),
        use("call", "send", "(a)"),
        use("await", "send", "(a)"),
    )
    assert texts(found) == {"methods": ["get(a)"], "async-methods": ["send(a)"], "attributes": ["settings.dsn"]}
    assert sorted(line.line for line in found.terms["methods"][0].lines) == [1, 2, 3]
    assert sorted(line.line for line in found.terms["attributes"][0].lines) == [4, 5]


def test_calls_of_different_shapes_are_both_kept() -> None:
    assert texts(relied(use("call", "get", "(a)"), use("call", "get", "(a, b)"))) == {
        "methods": ["get(a)", "get(a, b)"]
    }


@pytest.mark.parametrize(
    ("used", "answer", "reason"),
    [
        (
            use("attribute", "dns"),
            Answer(0, False, missing="dns", near="dsn"),
            "there is no `dns`; did you mean `dsn`?",
        ),
        (use("attribute", "dns"), Answer(0, False, is_none=True), "it was None"),
        (use("call", "dns"), Answer(0, False, reason="not-callable"), "it is not callable"),
        (use("call", "dns"), Answer(0, False, reason="call-refused", detail="a is missing"), "refuses the call: a is"),
        (use("attribute", "dns"), Answer(0, None, detail="reading it raised KeyError"), "reading it raised KeyError"),
    ],
)
def test_use_that_does_not_hold_is_left_out_with_the_reason(used: Use, answer: Answer, reason: str) -> None:
    found = relied(used, answers={"dns": answer})
    assert found.terms == {}
    assert (found.unfit[0].text, reason in found.unfit[0].reason) == ("dns", True), found.unfit


def test_method_that_is_awaited_and_is_not_async_is_left_out() -> None:
    found = relied(use("await", "get", "()"), answers={"async get()": Answer(0, False, reason="not-async")})
    assert (found.terms, found.unfit[0].text, found.unfit[0].reason) == ({}, "await get()", "it is not async")


def test_method_of_which_it_is_unknown_whether_it_is_async_is_a_method() -> None:
    unknown = Answer(0, None, detail="no annotation says so")
    found = relied(use("await", "get", "()"), answers={"async get()": unknown, "async get": unknown})
    assert texts(found) == {"methods": ["get()"]}
    assert found.terms["methods"][0].remark == "no annotation says so"


@pytest.mark.parametrize(("kind", "before", "term"), [("call", "", "methods"), ("await", "async ", "async-methods")])
def test_method_whose_signature_cannot_be_read_is_written_by_its_name(kind: str, before: str, term: str) -> None:
    unknown = Answer(0, None, detail="its signature cannot be read")
    found = relied(use(kind, "get", "(a)"), answers={f"{before}get(a)": unknown})
    assert texts(found) == {term: ["get"]}
    assert [each.remark for terms in found.terms.values() for each in terms] == ["its signature cannot be read"]


def test_use_that_was_not_examined_is_left_out() -> None:
    found = relied_on("pool", [Read(at("api.py", 1), False, (use("attribute", "dsn"),))], lambda question: None)
    assert (found.terms, found.unfit[0].reason) == ({}, "it was not examined")


def test_component_is_optional_if_every_read_is_guarded() -> None:
    assert relied(use("attribute", "dsn"), guarded=True).optional
    mixed = [Read(at("api.py", 1), True, ()), Read(at("api.py", 2), False, ())]
    assert not relied_on("pool", mixed, answering({})).optional
    assert not relied_on("pool", [], answering({})).optional


POOL = StateEntry("pool", "myapp.ws:Pool")
USED = relied(
    use("call", "acquire", "(a)"),
    use("call", "acquire", "(a)"),
    use("await", "close", "()"),
    use("attribute", "dns"),
    guarded=True,
    answers={"dns": Answer(0, False, missing="dns", near="dsn")},
)


def reliance_of(reliance: Reliance) -> RelianceOf:
    return RelianceOf(lambda address: reliance if address == "pool" else Reliance(), RelianceText(FOLDER))


def test_terms_are_written_as_toml_with_their_lines() -> None:
    text = components_to_toml([POOL, StateEntry("cache", "dict")], None, None, "", reliance=reliance_of(USED))
    assert text == (
        "[components.pool]\n"
        'type = "myapp.ws:Pool"\n'
        "# read at api.py:1, api.py:2, api.py:3 and 1 more, each guarded\n"
        "optional = true\n"
        "methods = [\n"
        '    "acquire(a)",  # api.py:1, api.py:2\n'
        "]\n"
        "async-methods = [\n"
        '    "close()",  # api.py:3\n'
        "]\n"
        "# left out: `dns` at api.py:4: there is no `dns`; did you mean `dsn`?\n"
        "\n"
        "[components.cache]\n"
        'type = "dict"\n'
        "# no source reads it\n"
    )
    pool = read(text, "")[1]["pool"]
    assert ([method.name for method in pool.methods], pool.optional) == (["acquire", "close"], True)


def test_terms_are_written_into_an_inline_table_without_comments() -> None:
    text = components_to_toml([POOL], None, "components = {}\n", "", reliance=reliance_of(USED))
    assert [method.name for method in read(text, "")[1]["pool"].methods] == ["acquire", "close"]


def test_terms_are_written_as_an_annotation_after_their_lines() -> None:
    text = typed_class([POOL], reliance=reliance_of(USED))
    assert (
        "    # read at api.py:1, api.py:2, api.py:3 and 1 more, each guarded\n"
        "    # acquire(a): api.py:1, api.py:2\n"
        "    # close(): api.py:3\n"
        "    # left out: `dns` at api.py:4: there is no `dns`; did you mean `dsn`?\n"
        '    pool: Annotated[Pool, Contract(optional=True, methods=["acquire(a)"], async_methods=["close()"])]\n'
    ) in text
    ast.parse(text)


def test_contract_without_another_term_is_not_optional() -> None:
    lines = (at("api.py", 1),)
    function = StateEntry("pool", "function")
    guarded = reliance_of(Reliance(optional=True, lines=lines))
    assert "optional" not in components_to_toml([function], None, None, "", reliance=guarded)
    assert "optional" not in typed_class([function], reliance=guarded)
    assert "optional = true" in components_to_toml([POOL], None, None, "", reliance=guarded)
    relied_too = relied(use("call", "", "()"), guarded=True)
    assert "optional = true" in components_to_toml([function], None, None, "", reliance=reliance_of(relied_too))


def test_component_of_which_nothing_is_known_has_no_comment() -> None:
    of = RelianceOf(lambda address: None, RelianceText(FOLDER))
    assert components_to_toml([POOL], None, None, "", reliance=of) == '[components.pool]\ntype = "myapp.ws:Pool"\n'
    assert "#" not in typed_class([POOL], reliance=of)


def test_lines_are_named_by_file_and_line() -> None:
    lines = [at("main.py", 21), at("main.py", 9), at("api.py", 30), at("main.py", 18)]
    assert RelianceText(FOLDER).lines(lines) == "api.py:30, main.py:9, main.py:18 and 1 more"


def test_paths_of_installed_packages_begin_with_the_package() -> None:
    line = Location("/venv/lib/python3.11/site-packages/shop/api.py", 3)
    assert RelianceText(FOLDER).lines([line]) == "shop/api.py:3"


def test_paths_and_reasons_cannot_end_a_comment() -> None:
    line = at("a\nb\x85c.py", 1)
    found = Reliance(
        lines=(line,), unfit=relied(use("attribute", "dns"), answers={"dns": Answer(0, None, detail="a\nb")}).unfit
    )
    text = components_to_toml([POOL], None, None, "", reliance=reliance_of(found))
    assert read(text, "")[1]["pool"].component == "pool"
    assert "a?b?c.py:1" in text
    ast.parse(typed_class([POOL], reliance=reliance_of(found)))
