"""`netra-contracts schema`."""

from __future__ import annotations

import json

from netra_contracts.cli import terminal
from netra_contracts.errors import Problem, UsageError, did_you_mean
from netra_contracts.reports import json as json_report
from netra_contracts.reports.diff import json as json_diff
from netra_contracts.reports.score import json as json_score
from netra_contracts.reports.usage import json as json_usage
from netra_contracts.settings import configuration

_SCHEMAS = {
    "config": configuration.schema,
    "report": json_report.schema,
    "reports": json_report.run_schema,
    "diff": json_diff.schema,
    "usage": json_usage.schema,
    "score": json_score.schema,
}


def schema(name: str) -> int:
    """Print the JSON Schema of the configuration or of a document of a command, and return the exit status.

    Raises:
        UsageError: for any other name.
    """
    if name not in _SCHEMAS:
        hint = did_you_mean(name, _SCHEMAS) or "use one of " + ", ".join(_SCHEMAS)
        raise UsageError([Problem(f'there is no schema "{name}"', "schema", hint)])
    terminal.write_stdout(json.dumps(_SCHEMAS[name](), indent=2) + "\n")
    return 0
