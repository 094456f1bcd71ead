"""What is suggested for an attribute that a module does not have."""

from __future__ import annotations

import types

import pytest

from netra_contracts.probe.startup.target_loader import LoadError, _likely_target, find


@pytest.mark.parametrize(
    ("source", "near"),
    [
        ("def helper(): ...\ndef create_application(): ...", "create_application"),
        ("async def app_for_tests(): ...", "app_for_tests"),
        ("def create_app(): ...\ndef new_app(): ...", "create_app"),
        ("from shutil import get_archive_formats as get_app_formats", ""),
        ("def mapping(): ...\ndef _app(): ...", ""),
        ("application_name = 'shop'", ""),
    ],
)
def test_function_that_is_named_after_an_application_is_suggested(source: str, near: str) -> None:
    module = types.ModuleType("shop")
    exec(compile(source, "shop.py", "exec"), vars(module))  # noqa: S102 - the module under test
    assert _likely_target(module, "shop") == near


def test_target_is_found_in_an_object_without_a_name_that_a_module_has_become() -> None:
    app = object()
    assert find(types.SimpleNamespace(app=app), "shop", "app").value is app
    with pytest.raises(LoadError, match="`shop` has no attribute `api`"):
        find(types.SimpleNamespace(app=app), "shop", "api")
