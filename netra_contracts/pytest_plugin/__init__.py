"""The pytest plugin. Every pytest run of its environment imports this module, so it imports next to nothing.

What the plugin consists of is imported if a run asks for it: see `registration`.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # `typing.TYPE_CHECKING` without an import
if TYPE_CHECKING:
    import pytest

FLAG = "--netra-contracts"
INI = "netra_contracts"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the option and the key of pytest's configuration."""
    group = parser.getgroup("netra-contracts", "contracts of the application's startup")
    group.addoption(
        FLAG,
        nargs="?",
        const="",
        default=None,
        metavar="TARGET",
        help="Run the contracts of the application's startup as tests. TARGET is module:attr, by default that of the "
        "configuration; write other forms as --netra-contracts=TARGET.",
    )
    parser.addini(INI, "Run the contracts of the application's startup as tests.", type="bool", default=False)


def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Leave the word after the option to pytest if it is not a target. Record lifespans: a conftest may run one."""
    if FLAG in args:
        from netra_contracts.pytest_plugin.command_line import separate_target  # noqa: PLC0415 - see above

        separate_target(early_config, parser, args)
    is_asked_for = getattr(early_config.known_args_namespace, INI, None) is not None or early_config.getini(INI)
    if is_asked_for and sys.platform != "win32":
        from netra_contracts.pytest_plugin.lifespan_record import record_of  # noqa: PLC0415 - see above

        record_of(early_config)


def pytest_configure(config: pytest.Config) -> None:
    """Register the rest of the plugin if this run asks for it."""
    if config.getoption(INI) is not None or config.getini(INI):
        if sys.platform == "win32":
            from netra_contracts.pytest_plugin.windows import refuse  # noqa: PLC0415 - see above

            refuse(config)
            return
        from netra_contracts.pytest_plugin import plain_imports  # noqa: PLC0415 - same

        plain_imports.install()
        config.add_cleanup(plain_imports.uninstall)
        from netra_contracts.pytest_plugin.registration import register  # noqa: PLC0415 - see above

        register(config)
