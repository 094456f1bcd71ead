"""NC605: logging that a startup step silences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from netra_contracts.checks.background_work.family import BACKGROUND_WORK
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.wording import function_at
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.observed.surroundings import SilencedBy, SilencedLoggers

_MESSAGES: Mapping[SilencedBy, str] = {
    "disabled": "{by} disabled {loggers}: what they log is lost",
    "level": "{by} silenced {loggers}: not even errors are logged",
    "handlers": "{by} left {loggers} without a handler",
}
_HINTS: Mapping[SilencedBy, str] = {
    "disabled": "pass `disable_existing_loggers=False`, or configure logging before the modules that log are imported",
    "level": "set the level of single loggers instead, and restore it afterwards",
    "handlers": "add the new handlers before the old ones are removed, or use `logging.basicConfig(force=True)`",
}


class LoggingSilenced(Check):
    """## What it does

    Reports loggers of the application that a step of the import, the build or the startup has silenced, with the line
    that did it:

    - `logging.config.fileConfig` and `dictConfig` disable all loggers that exist and that the configuration does not
      name, unless `disable_existing_loggers` is false;
    - `logging.disable`, or a level of the root logger above ERROR, hold back errors as well;
    - the handlers of the root logger are removed, and no other handler receives the messages.

    Loggers of the application are those that are named after its modules, and those that its modules have as globals.
    What is restored before the end of startup is not reported. The line is unknown where a list of handlers was changed
    without a function of `logging`.

    ## Why it matters

    From then on the application logs nothing, or not what operators need, and nobody notices until they look for it.

    ## Example

    ```python
    logger = logging.getLogger(__name__)

    async def lifespan(app):
        alembic.command.upgrade(config, "head")  # its env.py calls `fileConfig(config.config_file_name)`
        logger.info("migrated")  # is lost
        yield
    ```

    ## What to do

    ```python
    fileConfig(config.config_file_name, disable_existing_loggers=False)
    ```
    """

    code = "NC605"
    name = "logging-silenced"
    family = BACKGROUND_WORK
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each way and function that silenced loggers."""
        by_subject: dict[str, list[SilencedLoggers]] = {}
        for silenced in context.observation.silenced_loggers:
            subject = f"{silenced.how} {function_at(silenced.location) or silenced.call}".strip()
            by_subject.setdefault(subject, []).append(silenced)
        for subject, found in by_subject.items():
            first = found[0]
            names = tuple(dict.fromkeys(name for silenced in found for name in silenced.loggers))
            by = f"`{first.call}`" if first.call else "startup"
            yield self.finding(
                _MESSAGES[first.how].format(by=by, loggers=_listed(names)),
                subject=subject,
                location=first.location,
                causes=[Cause(message=f"{by} was called here", location=first.location)] if first.location else (),
                hint=_HINTS[first.how],
            )


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"the logger {shown}" if len(names) == 1 else f"{len(names)} loggers ({shown}{more})"


CHECKS: tuple[Check, ...] = (LoggingSilenced(),)
