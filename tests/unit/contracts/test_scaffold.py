"""What `init` writes is read back as contracts, and existing text is kept."""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_contracts.contracts.consistency import check_contracts
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.contracts.python_contracts import contracts_from_declared
from netra_contracts.contracts.scaffold import components_to_toml, typed_class
from netra_contracts.errors import UsageError
from netra_contracts.probe.startup.python_contracts import DeclarationReader
from netra_contracts.protocol.observed.app_states import StateEntry
from netra_contracts.settings.bootstrap_config import ConfigFile
from netra_contracts.settings.configuration import contracts_from_toml, load_settings

PREFIX = "tool.netra-contracts"
POOL = StateEntry("pool", "myapp.ws:Pool")
CACHE = StateEntry("cache", "NoneType", is_none=True)


def read(text: str, prefix: str = PREFIX) -> tuple[str | None, dict[str, ComponentContract]]:
    """The target and the contracts of a configuration that must be valid."""
    table = tomllib.loads(text)
    for step in prefix.split(".") if prefix else ():
        table = table[step]
    file = ConfigFile("/pyproject.toml", "/", prefix, table, text)
    settings = load_settings(file)
    contracts = contracts_from_toml(settings, file)
    assert check_contracts(contracts) == []
    return settings.options.target, {contract.component: contract for contract in contracts}


def names_of(contract: ComponentContract) -> tuple[str, ...]:
    return contract.type.names if contract.type else ()


class TestToml:
    def test_new_file_has_target_and_contracts(self) -> None:
        assert components_to_toml([POOL, StateEntry("max_users", "int")], "myapp.main:app", None, "") == (
            'target = "myapp.main:app"\n'
            "\n"
            "[components.pool]\n"
            'type = "myapp.ws:Pool"\n'
            "\n"
            "[components.max_users]\n"
            'type = "int"\n'
        )

    def test_existing_text_is_kept(self) -> None:
        existing = '# kept\n[project]\nname   = "x" # kept too\n\n[tool.other]\nb = [\n  1,\n]\n'
        written = components_to_toml([POOL], "myapp.main:app", existing, PREFIX)
        assert written == existing + (
            '\n[tool.netra-contracts]\ntarget = "myapp.main:app"\n\n'
            '[tool.netra-contracts.components.pool]\ntype = "myapp.ws:Pool"\n'
        )

    def test_line_ends_are_kept(self) -> None:
        existing = "[tool.netra-contracts]\r\nsettle = 1\r\n"
        assert components_to_toml([POOL], "a:b", existing, PREFIX) == (
            '[tool.netra-contracts]\r\ntarget = "a:b"\r\nsettle = 1\r\n\r\n'
            '[tool.netra-contracts.components.pool]\r\ntype = "myapp.ws:Pool"\r\n'
        )

    @pytest.mark.parametrize(
        "existing",
        [
            "[tool.netra-contracts]",
            "[tool.netra-contracts]\r\nsettle = 1\n",
            "# one line\u2028[of two] \x85 or three\n[tool.netra-contracts]\nsettle = 1\n",
        ],
    )
    def test_target_is_added_with_any_line_ends(self, existing: str) -> None:
        written = components_to_toml([POOL], "a:b", existing, PREFIX)
        assert "[tool.netra-contracts]" in written.split('target = "a:b"\n')[0]
        assert [line for line in existing.split("\n") if line not in written.split("\n")] == []
        target, contracts = read(written)
        assert (target, list(contracts)) == ("a:b", ["pool"])

    def test_existing_contracts_and_target_are_not_overwritten(self) -> None:
        existing = (
            '[tool.netra-contracts] # ours\ntarget = "a:b"\n\n'
            '[tool.netra-contracts.components.pool]\nphase = "readiness" # ours\n'
        )
        written = components_to_toml([POOL, StateEntry("size", "int")], "c:d", existing, PREFIX)
        assert written.startswith(existing)
        target, contracts = read(written)
        assert (target, list(contracts)) == ("a:b", ["pool", "size"])
        assert contracts["pool"].type is None

    def test_file_with_all_contracts_is_unchanged(self) -> None:
        existing = '[tool.netra-contracts]\ntarget = "a:b"\n[tool.netra-contracts.components]\npool = {}\n\n\n'
        assert components_to_toml([POOL], "c:d", existing, PREFIX) == existing
        unwritable = StateEntry("", "int")
        written = components_to_toml([POOL, unwritable], "c:d", None, PREFIX)
        assert components_to_toml([POOL, unwritable], "c:d", written, PREFIX) == written

    def test_target_is_added_to_a_table_that_has_none(self) -> None:
        existing = "[tool.netra-contracts] # ours\nsettle = 1\n\n[tool.other]\na = 1\n"
        written = components_to_toml([POOL], "a:b", existing, PREFIX)
        assert written.startswith('[tool.netra-contracts] # ours\ntarget = "a:b"\nsettle = 1\n\n[tool.other]\n')
        assert read(written)[0] == "a:b"

    @pytest.mark.parametrize(
        "existing",
        [
            "tool.netra-contracts = { settle = 1 } # kept\n",
            "[tool]\nnetra-contracts.settle = 1 # kept\n[tool.x]\n",
            "[tool]\nnetra-contracts = { settle = 1, components = { size = {} } } # kept\n",
            "[tool.netra-contracts] # kept\nsettle = 1\ncomponents = { size = {} }\n",
            "[tool.netra-contracts] # kept\nsettle = 1\ncomponents.size.optional = true\n",
            "[tool.netra-contracts.components.size] # kept\n[tool.netra-contracts]\nsettle = 1",
            "[tool.a]\n[project]\n[tool.netra-contracts.env] # kept\n[tool.b]\n[tool.netra-contracts]\nsettle = 1",
        ],
    )
    def test_contracts_are_added_to_any_form_of_table(self, existing: str) -> None:
        written = components_to_toml([POOL], "a:b", existing, PREFIX)
        target, contracts = read(written)
        assert (target, names_of(contracts["pool"])) == ("a:b", ("myapp.ws:Pool",))
        assert "# kept" in written
        assert tomllib.loads(written)["tool"]["netra-contracts"]["settle"] == 1

    def test_table_that_cannot_be_extended_is_reported(self) -> None:
        with pytest.raises(UsageError) as caught:
            components_to_toml([POOL], "a:b", "tool = { x = 1 }\n", PREFIX)
        assert caught.value.problems[0].hint == "write [tool.netra-contracts] as a table, not in braces"

    def test_component_that_is_none_gets_an_optional_type(self) -> None:
        written = components_to_toml([CACHE], "a:b", None, PREFIX)
        assert 'type = "object | None"  # it was None during init; name its class' in written
        assert names_of(read(written)[1]["cache"]) == ("object", "None")

    @pytest.mark.parametrize(
        ("component", "remark"),
        [
            (StateEntry("x", "myapp:make.<locals>.Pool"), "its type, myapp:make.<locals>.Pool, cannot be named"),
            (StateEntry("x", "__main__:Pool"), "its type, __main__:Pool, cannot be named"),
            (StateEntry("x", "function"), "its type, function, cannot be named"),
            (StateEntry("x", "asyncio:NoSuchClass"), "its type, asyncio:NoSuchClass, cannot be named"),
            (StateEntry("x", "class:Pool"), "its type, class:Pool, cannot be named"),
            (
                StateEntry("x", "unittest.mock:MagicMock", test_double="unittest.mock.MagicMock"),
                "it was a test double, unittest.mock.MagicMock: name the class that it replaces as `type`",
            ),
        ],
    )
    def test_type_that_cannot_be_named_is_omitted_with_a_comment(self, component: StateEntry, remark: str) -> None:
        written = components_to_toml([component], "a:b", None, "")
        assert written == f'target = "a:b"\n\n[components.x]  # {remark}\n'
        assert read(written, "")[1]["x"].type is None

    def test_name_that_toml_cannot_express_is_omitted(self) -> None:
        components = [POOL, StateEntry("", "int"), StateEntry("\udce9", "int"), StateEntry("lifespan:", "int")]
        written = components_to_toml(components, "a:b", None, "")
        assert written.endswith("# Omitted: 3 components whose names cannot be written in TOML.\n")
        assert list(read(written, "")[1]) == ["pool"]

    @given(
        addresses=st.lists(st.text(max_size=8), unique=True, max_size=6),
        existing=st.sampled_from(
            ["", "[project]\n", "# c", "[tool.x]\na = 1", "[tool.netra-contracts]", "[[tool.netra.x]]\n"]
        ),
        prefix=st.sampled_from([PREFIX, ""]),
    )
    def test_written_contracts_are_read_back(self, addresses: list[str], existing: str, prefix: str) -> None:
        components = [StateEntry(address, "collections:deque") for address in addresses]
        written = components_to_toml(components, "a:b", existing if prefix else "# c\n", prefix)
        target, contracts = read(written, prefix)
        assert target == "a:b"
        assert set(contracts) == {
            name for name in addresses if name and name != "lifespan:" and not _is_bare_mount(name)
        }
        assert {names_of(contract) for contract in contracts.values()} <= {("collections:deque",)}
        assert components_to_toml(components, "a:b", written, prefix) == written


def _is_bare_mount(name: str) -> bool:
    return name.startswith("/") and name.endswith(":") and name.count(":") == 1


class TestTypedClass:
    def test_class_has_annotations_imports_and_comments(self) -> None:
        components = [
            POOL,
            StateEntry("other_pool", "other.ws:Pool"),
            StateEntry("same", "myapp.ws:Pool"),
            StateEntry("inner", "myapp.ws:Outer.Inner"),
            StateEntry("max_users", "int"),
            CACHE,
            StateEntry("made", "myapp:make.<locals>.Made"),
            StateEntry("lifespan:pool", "myapp.ws:Pool"),
            StateEntry("from", "int"),
        ]
        assert typed_class(components) == (
            "from __future__ import annotations\n"
            "\n"
            "from typing import Annotated, Any, Protocol\n"
            "\n"
            "from netra_contracts.declare import Contract\n"
            "from myapp.ws import Outer\n"
            "from myapp.ws import Pool\n"
            "from other.ws import Pool as Pool2\n"
            "\n"
            "\n"
            "class AppState(Protocol):\n"
            '    """The state after startup."""\n'
            "\n"
            "    pool: Pool\n"
            "    other_pool: Pool2\n"
            "    same: Pool\n"
            "    inner: Outer.Inner\n"
            "    max_users: int\n"
            "    cache: Annotated[Any, Contract(optional=True)]  # it was None: name its class\n"
            "    made: Any  # its type, myapp:make.<locals>.Made, cannot be named\n"
            "    # omitted, since it is not a valid attribute name: lifespan:pool\n"
            "    # omitted, since it is not a valid attribute name: from\n"
        )

    def test_class_of_an_empty_state_is_empty(self) -> None:
        source = typed_class([])
        assert "Annotated" not in source
        assert ast.parse(source)

    def test_class_is_read_as_contracts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        components = [
            StateEntry("queue", "asyncio.queues:Queue"),
            StateEntry("pending", "queue:Queue"),
            StateEntry("AppState", "string:Template"),
            StateEntry("limit", "int"),
            CACHE,
            StateEntry("made", "myapp:make.<locals>.Made"),
            StateEntry("_private", "int"),
            StateEntry("__mangled", "int"),
        ]
        (tmp_path / "state_written_by_init.py").write_text(typed_class(components), encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        declared = DeclarationReader()
        declared.read("state_written_by_init:AppState")
        monkeypatch.delitem(sys.modules, "state_written_by_init")
        assert declared.problems == []
        contracts = contracts_from_declared(declared.contracts)
        assert check_contracts(contracts) == []
        assert {contract.component: names_of(contract) for contract in contracts} == {
            "queue": ("asyncio.queues:Queue",),
            "pending": ("queue:Queue",),
            "AppState": ("string:Template",),
            "limit": ("int",),
            "cache": (),
            "made": (),
        }
        assert [contract.component for contract in contracts if contract.optional] == ["cache"]

    @given(
        st.lists(
            st.builds(
                StateEntry,
                address=st.one_of(st.text(max_size=6), st.sampled_from(["class", "pool", "AppState", "ﬁ", "int"])),
                type=st.one_of(
                    st.sampled_from(["int", "a:Any", "a:Contract", "a:AppState", "b.c:AppState", "a:int", "x-y:Z"]),
                    st.text(max_size=6),
                ),
                is_none=st.booleans(),
                test_double=st.sampled_from(["", "mock.\nMock"]),
            ),
            max_size=6,
        )
    )
    def test_class_is_valid_python_for_any_components(self, components: list[StateEntry]) -> None:
        tree = ast.parse(typed_class(components))
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        imported = [
            alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
        ]
        assert [node.name for node in classes] == ["AppState"]
        assert len(set(imported)) == len(imported)
        assert "AppState" not in imported
