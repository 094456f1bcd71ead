"""The keys `ignore`, `severity` and `fail-levels` of the configuration."""

from __future__ import annotations

import json
from datetime import date

import jsonschema
import pytest

from netra_contracts.errors import UsageError
from netra_contracts.settings.configuration import load_settings, load_targets, place_of, schema
from netra_contracts.settings.unknown_codes import unknown_codes, unknown_ignored_codes
from tests.unit.settings.test_configuration import config, problems

CODES = ["NC201", "NC304", "NC601"]


class TestIgnore:
    def test_codes_and_tables_may_be_mixed(self) -> None:
        text = """\
ignore = [
    "nc601",
    { code = "nc304", component = "cache", reason = "harmless", until = 2027-03-01 },
    "NC7",
]
"""
        settings = load_settings(config(text))
        assert settings.options.ignore == ("NC601", "NC7")
        (entry,) = settings.ignored
        assert (entry.code, entry.component, entry.subject) == ("NC304", "cache", None)
        assert (entry.reason, entry.until, entry.source) == ("harmless", date(2027, 3, 1), "configuration")
        assert entry.location is not None
        assert entry.location.line == 3

    @pytest.mark.parametrize(
        ("member", "message", "hint"),
        [
            ('{ code = "NC304" }', "reason is missing", "reason = ..."),
            ('{ code = "NC304", reason = "" }', "reason must not be empty", "why"),
            ('{ reason = "x" }', "code is missing", "code = ..."),
            ('{ code = "304", reason = "x" }', '"304" is not a code', "NC303"),
            ('{ code = "NC304", reason = "x", componet = "a" }', 'no key "componet"', 'did you mean "component"?'),
            ('{ code = "NC304", reason = "x", component = "" }', "component must not be empty", "leave it out"),
            ('{ code = "NC304", reason = "x", until = "2027-03-01" }', "a date, not a string", "without quotes"),
            ('{ code = "NC304", reason = "x", until = 2027-03-01T00:00:00 }', "without a time", "write 2027-03-01"),
            ("3", "must be a string, not 3", 'write "3"'),
            ('"%"', '"%" is not a code', "NC303"),
        ],
    )
    def test_wrong_member_is_reported_at_its_place(self, member: str, message: str, hint: str) -> None:
        (problem,) = problems(f'ignore = [\n"NC1",\n{member},\n]\n')
        assert message in problem.message
        assert hint in problem.hint
        assert "netra-contracts.toml:3: ignore[1]" in problem.place

    def test_all_problems_are_reported_at_once(self) -> None:
        found = problems('ignore = [{ code = "NC304" }, 3, { codee = "NC304", reason = "x" }]\nseverity = 3\n')
        assert len(found) == 5

    def test_list_must_be_a_list(self) -> None:
        (problem,) = problems('ignore = { code = "NC304", reason = "x" }\n')
        assert problem.message == "ignore must be a list, not a table"

    def test_unknown_codes_are_reported_at_their_places_with_the_nearest(self) -> None:
        text = 'ignore = [\n{ code = "NC305", reason = "x" },\n{ code = "NC6", reason = "x" },\n"NC2010",\n]\n'
        text += 'severity = { NC3044 = "note" }\nfail-levels = { NC2 = "never" }\n'
        file = config(text)
        settings = load_settings(file)
        found = list(unknown_codes(settings.options, CODES, lambda name, step: place_of(file, name, step)))
        found += unknown_ignored_codes(settings.ignored, CODES)
        assert [(problem.message, problem.hint) for problem in found] == [
            ('no check has a code that starts with "NC2010"', 'did you mean "NC201"?'),
            ('no check has a code that starts with "NC3044"', 'did you mean "NC304"?'),
            ('no check has a code that starts with "NC305"', 'did you mean "NC304"?'),
        ]
        assert [problem.place for problem in found] == [
            "netra-contracts.toml:4: ignore[2]",
            "netra-contracts.toml:6: severity.NC3044",
            "netra-contracts.toml:2: ignore",
        ]

    def test_target_that_has_the_key_itself_has_entries_of_its_own(self) -> None:
        text = """\
ignore = [{ code = "NC201", reason = "for all" }]
[[targets]]
target = "a:app"
name = "api"
[[targets]]
target = "b:app"
name = "worker"
ignore = [{ code = "NC304", reason = "this one" }]
"""

        found = [
            [(entry.code, entry.target) for entry in settings.ignored] for _, settings in load_targets(config(text))
        ]
        assert found == [[("NC201", "")], [("NC304", "worker")]]


class TestWordsByCode:
    def test_codes_and_words_may_be_in_any_case(self) -> None:
        options = load_settings(config('severity = { nc304 = "Note" }\nfail-levels = { NC6 = "NEVER" }\n')).options
        assert (options.severity, options.fail_levels) == ({"NC304": "note"}, {"NC6": "never"})

    @pytest.mark.parametrize(
        ("text", "message", "hint"),
        [
            ('severity = "note"', 'severity must be a table, not "note"', "{ NC304 = "),
            ('severity = { NC304 = "nott" }', 'there is no severity "nott"', 'did you mean "note"?'),
            ("severity = { NC304 = 1 }", "NC304 must be one of error, warning, note, not 1", ""),
            (
                'severity = { NC304 = "note", nc304 = "error" }',
                '"nc304" is the same code as "NC304"',
                "remove one of them",
            ),
            ('severity = { "304" = "note" }', '"304" is not a code', "NC303"),
            ('fail-levels = { NC6 = "note" }', 'there is no fail level "note"', "use one of error, warning, never"),
            ('fail-level = { NC6 = "never" }', "fail-level must be", ""),
            ('severty = { NC6 = "note" }', 'there is no key "severty"', 'did you mean "severity"?'),
        ],
    )
    def test_wrong_table_is_an_error_with_a_correction(self, text: str, message: str, hint: str) -> None:
        (problem,) = problems(f"\n{text}\n")
        assert message in problem.message
        assert hint in problem.hint
        assert problem.place.startswith("netra-contracts.toml:2")


@pytest.mark.parametrize(
    ("document", "is_valid"),
    [
        ({"ignore": ["NC3", {"code": "NC304", "reason": "x", "until": "2027-03-01"}]}, True),
        ({"ignore": [{"code": "NC304"}]}, False),
        ({"ignore": [{"code": "NC304", "reason": "x", "line": 3}]}, False),
        ({"severity": {"NC304": "note"}, "fail-levels": {"NC6": "never"}, "baseline": "known.toml"}, True),
        ({"severity": {"NC304": "never"}}, False),
        ({"targets": [{"target": "a:b", "ignore": [{"code": "NC304", "reason": "x"}]}]}, True),
        ({"targets": [{"target": "a:b", "baseline": "known.toml"}]}, False),
    ],
)
def test_json_schema_knows_the_keys(document: dict[str, object], is_valid: bool) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(json.dumps(schema())))
    assert validator.is_valid(document) is is_valid


def test_baseline_is_about_the_whole_run() -> None:
    with pytest.raises(UsageError, match="baseline is about the whole run"):
        load_settings(config('[[targets]]\ntarget = "a:b"\nbaseline = "known.toml"\n'))
