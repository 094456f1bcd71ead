"""NC122: an environment file that is loaded after the code that needs it."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.wording import function_at, short_location
from netra_contracts.checks.lifecycle.family import LIFECYCLE
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.observed.surroundings import LateVariable


class EnvironmentFileLoadedLate(Check):
    """## What it does

    Reports environment variables that the application reads, while they are not set, before it loads the environment
    file that sets them: `load_dotenv()`, a library that loads such files, or a function of the application that reads a
    file. It also reports variables that are read from the environment while only the settings of a library, such as
    pydantic-settings, read the file: `os.environ` never has them.

    Reads by code of the application are recorded, also through `starlette.config`, python-decouple and environs, with
    the names of the variables and never their values. Not reported: reads by other libraries, variables that were set
    and that the file overrides, copies of all variables, and reads that decide which file is loaded, or whether one is.

    ## Why it matters

    The code has used a default, or None. In an environment where the variables are set otherwise, nothing is wrong.

    ## Example

    ```python
    from shop.settings import settings  # reads DATABASE_URL
    from dotenv import load_dotenv

    load_dotenv()  # sets it, too late
    ```

    ## What to do

    Load the file first, before the modules are imported that read variables; or read them when they are needed, in the
    factory or in the lifespan. The option `env-file` loads a file before the target starts, as `uvicorn --env-file`
    does.
    """

    code = "NC122"
    name = "environment-file-loaded-late"
    family = LIFECYCLE
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each function or module that reads variables too early."""
        by_reader: dict[str, list[LateVariable]] = {}
        for variable in context.observation.late_variables:
            kind = "" if variable.exported else "not exported "
            by_reader.setdefault(f"{kind}{function_at(variable.read)}", []).append(variable)
        for subject, variables in by_reader.items():
            first = variables[0]
            what = _listed(list(dict.fromkeys(variable.name for variable in variables)))
            one = len({variable.name for variable in variables}) == 1
            where = short_location(first.loaded, first.read)
            if first.exported:
                message = f"{what} {'is' if one else 'are'} read before the environment file is loaded that sets "
                message += f"{'it' if one else 'them'} ({where})"
            else:
                message = f"{what} {'is' if one else 'are'} read from the environment, but only the settings that are "
                message += f"created at {where} read the file"
            yield self.finding(
                message,
                subject=subject,
                location=first.read,
                causes=_causes(variables),
                hint="load the environment file first, or read the variables when they are needed"
                if first.exported
                else "read them from the settings, or load the file into the environment first",
            )


def _causes(variables: list[LateVariable]) -> Iterable[Cause]:
    for variable in list({(each.name, each.read): each for each in variables}.values())[:5]:
        yield Cause(message=f"`{variable.name}` was not set here", location=variable.read)
    yield Cause(message="the file was read here", location=variables[0].loaded)


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


CHECKS: tuple[Check, ...] = (EnvironmentFileLoadedLate(),)
