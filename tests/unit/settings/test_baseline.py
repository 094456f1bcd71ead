"""The file of the baseline: what is wrong with it is reported at once, and a change keeps everything else."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_contracts.errors import Problem, UsageError
from netra_contracts.model.suppression import Suppression, in_utf8
from netra_contracts.settings.baseline import Baseline, read_baseline, with_entries

HAND_EDITED = """\
# known before the gate
version = 1

# the pool: ABC-1
[[findings]]
code = "NC201"   # never set
component = 'pool'
reason = '''
replaced in spring
# not a comment
[[findings]]
'''
until = 2027-03-01

# a section

[[findings]]
code = "NC304"
component = "engine"
subject = "bridge"
function = "lifespan"
reason = "harmless"
added = 2026-01-02
"""


def written(tmp_path: Path, text: str) -> str:
    """The path of a file with a text."""
    path = tmp_path / "known.toml"
    path.write_bytes(text.encode())
    return str(path)


def problems_of(tmp_path: Path, text: str) -> list[Problem]:
    """What is wrong with a baseline."""
    with pytest.raises(UsageError) as raised:
        read_baseline(written(tmp_path, text))
    return list(raised.value.problems)


def entry(code: str, component: str = "", subject: str = "", reason: str = "old") -> Suppression:
    """An entry that `--update-baseline` adds."""
    return Suppression(code=code, component=component, subject=subject, reason=reason, source="baseline")


class TestReading:
    def test_entries_have_their_lines(self, tmp_path: Path) -> None:
        first, second = read_baseline(written(tmp_path, HAND_EDITED)).entries
        assert (first.code, first.component, first.subject, first.until) == ("NC201", "pool", "", date(2027, 3, 1))
        assert (second.function, second.reason, second.added) == ("lifespan", "harmless", date(2026, 1, 2))
        assert [each.location.line for each in (first, second) if each.location] == [5, 17]
        assert {each.source for each in (first, second)} == {"baseline"}

    @pytest.mark.parametrize("text", ["version = 1\n", "version = 1\nfindings = []\n", "\ufeffversion = 1"])
    def test_baseline_may_have_no_entries(self, tmp_path: Path, text: str) -> None:
        assert read_baseline(written(tmp_path, text)).entries == ()

    @pytest.mark.parametrize(
        ("text", "message", "hint"),
        [
            ("", "version is missing", "version = 1"),
            ("[tool.other]\n", "version is missing", "--update-baseline"),
            (
                "version = 2\n[[future]]\n",
                "this baseline has version 2; this version of the tool reads 1",
                "that wrote it",
            ),
            ('version = "1"\n', 'has version "1"', "that wrote it"),
            ("version = true\n", "has version true", "that wrote it"),
            ("version = 1\n[[finding]]\n", 'there is no key "finding"', 'did you mean "findings"?'),
            ("version = 1\nfindings = 3\n", "findings must be a list of tables, not 3", "[[findings]]"),
            ("version = 1\nfindings = [3]\n", "findings[0] must be a table, not 3", ""),
            ("version = 1\n[findings\n", "this is not valid TOML", ""),
            ('version = 1\n[[findings]]\nreason = "x"\n', "code is missing", "code = ..."),
            ('version = 1\n[[findings]]\ncode = 3\nreason = "x"\n', "code must be a string, not 3", 'write "3"'),
            ('version = 1\n[[findings]]\ncode = "%"\nreason = "x"\n', '"%" is not a code', "NC303"),
            ('version = 1\n[[findings]]\ncode = "NC201"\n', "reason is missing", "reason = ..."),
            ('version = 1\n[[findings]]\ncode = "NC201"\nreason = " "\n', "reason must not be empty", "why"),
            ('version = 1\n[[findings]]\ncode = "NC201"\nreasn = "x"\n', 'there is no key "reasn"', '"reason"'),
        ],
    )
    def test_file_that_is_not_a_baseline_is_refused(self, tmp_path: Path, text: str, message: str, hint: str) -> None:
        problems = problems_of(tmp_path, text)
        assert any(message in problem.message and hint in problem.hint for problem in problems), problems
        assert all("known.toml" in problem.place for problem in problems)

    @pytest.mark.parametrize(
        ("value", "message", "hint"),
        [
            ('"2027-03-01"', "a date, not a string", "write 2027-03-01, without quotes"),
            ("2027-03-01T10:00:00Z", "a date, without a time", "write 2027-03-01"),
            ('"next year"', 'a date, not "next year"', "2027-03-01"),
            ("20270301", "a date, not 20270301", "2027-03-01"),
            ("10:00:00", "a date, not", "2027-03-01"),
            ("2027-02-30", "not valid TOML", ""),
        ],
    )
    @pytest.mark.parametrize("key", ["until", "added"])
    def test_wrong_date_is_an_error_with_a_correction(
        self, tmp_path: Path, key: str, value: str, message: str, hint: str
    ) -> None:
        text = f'version = 1\n[[findings]]\ncode = "NC201"\nreason = "x"\n{key} = {value}\n'
        (problem,) = problems_of(tmp_path, text)
        assert message in problem.message
        assert hint in problem.hint
        assert "known.toml:5" in problem.place

    def test_all_problems_are_reported_in_the_order_of_lines(self, tmp_path: Path) -> None:
        text = 'version = 1\n[[findings]]\ncode = "NC201"\n[[findings]]\ncode = 1\nreason = "x"\nuntil = "x"\n[other]\n'
        problems = problems_of(tmp_path, text)
        assert [problem.place.split(":")[1] for problem in problems] == ["2", "5", "7", "8"]

    def test_same_entry_twice_is_refused_with_both_lines(self, tmp_path: Path) -> None:
        twice = '[[findings]]\ncode = "NC201"\ncomponent = "pool"\nreason = "x"\n'
        (problem,) = problems_of(tmp_path, f"version = 1\n{twice}{twice}")
        assert "known.toml:6" in problem.place
        assert problem.message == "this entry for NC201 is the same as that of line 2"
        assert len(read_baseline(written(tmp_path, f'version = 1\n{twice}{twice}target = "api"\n')).entries) == 2

    def test_folder_and_missing_file_are_refused(self, tmp_path: Path) -> None:
        for path, message in ((tmp_path, "it is a folder"), (tmp_path / "no.toml", "there is no baseline")):
            with pytest.raises(UsageError, match=message):
                read_baseline(str(path))


class TestWriting:
    def test_new_file_has_a_comment_and_one_table_for_each_entry_in_order(self) -> None:
        text = with_entries(Baseline("known.toml"), [entry("NC304", "engine", "bridge"), entry("NC201", "pool")], ())
        assert text.startswith("#")
        head, *blocks = text.split("\n\n")
        assert "version = 1" in head
        assert blocks == [
            '[[findings]]\ncode = "NC201"\ncomponent = "pool"\nreason = "old"',
            '[[findings]]\ncode = "NC304"\ncomponent = "engine"\nsubject = "bridge"\nreason = "old"\n',
        ]

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_everything_else_is_kept_when_an_entry_is_added(self, tmp_path: Path, end: str) -> None:
        baseline = read_baseline(written(tmp_path, HAND_EDITED.replace("\n", end)))
        text = with_entries(baseline, [entry("NC202", "cache")], ())
        added = '\n[[findings]]\ncode = "NC202"\ncomponent = "cache"\nreason = "old"\n'.replace("\n", end)
        assert text.count(added) == 1
        assert text.replace(added, "") == baseline.text
        assert [each["code"] for each in tomllib.loads(text)["findings"]] == ["NC201", "NC202", "NC304"]

    def test_removed_entry_goes_with_the_comment_right_above_it_and_nothing_else(self, tmp_path: Path) -> None:
        baseline = read_baseline(written(tmp_path, HAND_EDITED))
        text = with_entries(baseline, (), baseline.entries[:1])
        first, second = HAND_EDITED.index("# the pool"), HAND_EDITED.index("# a section")
        assert text == HAND_EDITED[:first] + HAND_EDITED[second:]
        second_removed = with_entries(baseline, (), baseline.entries[1:])
        assert second_removed == HAND_EDITED[: HAND_EDITED.index('[[findings]]\ncode = "NC304"')]

    def test_nothing_to_change_keeps_the_text(self, tmp_path: Path) -> None:
        baseline = read_baseline(written(tmp_path, HAND_EDITED))
        assert with_entries(baseline, [entry("NC201", "pool", reason="new")], ()) == HAND_EDITED

    def test_removed_entry_may_be_added_again(self, tmp_path: Path) -> None:
        baseline = read_baseline(written(tmp_path, HAND_EDITED))
        text = with_entries(baseline, [entry("NC201", "pool", reason="new")], baseline.entries[:1])
        assert [each["reason"] for each in tomllib.loads(text)["findings"]] == ["new", "harmless"]

    @pytest.mark.parametrize("form", ["findings = []\n", 'findings = [{ code = "NC201", reason = "x" }]\n'])
    def test_form_that_cannot_be_changed_is_refused_with_a_hint(self, tmp_path: Path, form: str) -> None:
        baseline = read_baseline(written(tmp_path, f"version = 1\n{form}"))
        with pytest.raises(UsageError, match="this baseline cannot be changed") as raised:
            with_entries(baseline, [entry("NC202", "cache")], ())
        assert "[[findings]]" in raised.value.problems[0].hint


NAMES = st.text(st.characters(), max_size=12)  # lone surrogates, too
ENTRIES = st.lists(
    st.builds(
        entry,
        st.sampled_from(["NC201", "NC304", "NC601"]),
        NAMES,
        NAMES,
        st.text(min_size=1, max_size=12).filter(str.strip),
    ),
    max_size=6,
    unique_by=lambda each: (each.code, in_utf8(each.component or ""), in_utf8(each.subject or "")),
)


def keys(entries: tuple[Suppression, ...] | list[Suppression]) -> set[tuple[str, ...]]:
    """What identifies entries, with their reasons."""
    return {(each.code, in_utf8(each.component or ""), in_utf8(each.subject or ""), each.reason) for each in entries}


@given(ENTRIES, ENTRIES, st.data())
def test_entries_of_any_text_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, first: list[Suppression], more: list[Suppression], data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp()
    before = read_baseline(written(folder, with_entries(Baseline("known.toml"), first, ())))
    assert keys(before.entries) == keys(first)
    removed = data.draw(st.sets(st.sampled_from(before.entries))) if before.entries else set()
    after = read_baseline(written(folder, with_entries(before, more, tuple(removed))))
    kept = [each for each in before.entries if each not in removed]
    known = {key[:3] for key in keys(kept)}
    assert keys(after.entries) == keys(kept) | {key for key in keys(more) if key[:3] not in known}
    order = [(each.code, each.component, each.subject) for each in after.entries]
    assert order == sorted(order)
