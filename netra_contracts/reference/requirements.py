"""The packages that the reference imports. They are an extra: whoever only checks an application needs none of them."""

from __future__ import annotations

from importlib.util import find_spec

#: Installs them.
INSTALL_COMMAND = "pip install 'netra-contracts[selftest]'"
#: Names of the packages, as on the package index, by the module that is imported.
_PACKAGES = {"starlette": "starlette", "uvicorn": "uvicorn", "jwt": "pyjwt"}


def missing_packages() -> list[str]:
    """Return the names of the packages that are not installed."""
    return [package for module, package in _PACKAGES.items() if find_spec(module) is None]
