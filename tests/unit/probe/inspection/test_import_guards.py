"""Which imports of netra-contracts an application handles."""

import ast

import pytest

from netra_contracts.probe.inspection.import_guards import is_guarded

GUARDED = {
    "except ImportError": "try:\n    import netra_contracts  # here\nexcept ImportError:\n    pass",
    "except ModuleNotFoundError among others": (
        "try:\n    import netra_contracts  # here\nexcept (ValueError, ModuleNotFoundError):\n    x = 1"
    ),
    "except Exception": "try:\n    import netra_contracts  # here\nexcept Exception as error:\n    print(error)",
    "bare except": "try:\n    import netra_contracts  # here\nexcept:\n    pass",
    "suppress": "with contextlib.suppress(ImportError):\n    import netra_contracts  # here",
    "TYPE_CHECKING": "if TYPE_CHECKING:\n    import netra_contracts  # here",
    "find_spec": "if importlib.util.find_spec('netra_contracts'):\n    import netra_contracts  # here",
    "environment": "if os.environ.get('NETRA_CONTRACTS'):\n    import netra_contracts  # here",
    "flag": (
        "try:\n    import netra_contracts\n    HAS = True\nexcept ImportError:\n    HAS = False\n"
        "if HAS:\n    import netra_contracts  # here"
    ),
    "flag of find_spec": "HAS = find_spec('netra_contracts')\nif HAS:\n    import netra_contracts  # here",
    "else": (
        "try:\n    import netra_contracts\nexcept ImportError:\n    pass\nelse:\n    import netra_contracts  # here"
    ),
    "earlier return": (
        "def f():\n    try:\n        import netra_contracts\n    except ImportError:\n        return\n"
        "    import netra_contracts  # here"
    ),
}
NOT_GUARDED = {
    "plain": "import netra_contracts  # here",
    "raised again": "try:\n    import netra_contracts  # here\nexcept ImportError:\n    print()\n    raise",
    "sys.exit": "try:\n    import netra_contracts  # here\nexcept ImportError:\n    sys.exit(1)",
    "another exception": "try:\n    import netra_contracts  # here\nexcept ValueError:\n    pass",
    "in the handler": "try:\n    f()\nexcept ImportError:\n    import netra_contracts  # here",
    "after a guarded import": (
        "try:\n    import netra_contracts\nexcept ImportError:\n    pass\nimport netra_contracts  # here"
    ),
    "function defined within": (
        "try:\n    def f():\n        import netra_contracts  # here\nexcept ImportError:\n    pass"
    ),
    "version of Python": "if sys.version_info > (3, 8):\n    import netra_contracts  # here",
    "another library's flag": (
        "try:\n    import uvloop\n    FAST = True\nexcept ImportError:\n    FAST = False\n"
        "if not FAST:\n    import netra_contracts  # here"
    ),
}


def guarded(source: str) -> bool:
    line = next(number for number, text in enumerate(source.split("\n"), 1) if "# here" in text)
    return is_guarded(ast.parse(source), line)


@pytest.mark.parametrize("name", GUARDED)
def test_handled_import_is_guarded(name: str) -> None:
    assert guarded(GUARDED[name])


@pytest.mark.parametrize("name", NOT_GUARDED)
def test_unhandled_import_is_not_guarded(name: str) -> None:
    assert not guarded(NOT_GUARDED[name])
