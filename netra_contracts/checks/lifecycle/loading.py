"""Checks of finding, importing and building the target: NC101 to NC104, NC113, NC114."""

from __future__ import annotations

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.exception_text import one_line
from netra_contracts.checks.engine.stage_check import StageCheck
from netra_contracts.checks.lifecycle.family import LIFECYCLE
from netra_contracts.protocol.failures import StageFailure
from netra_contracts.protocol.observation import Stage


class ModuleNotFound(StageCheck):
    """## What it does

    Reports that the module named by the target, or one of its parents, does not exist on the import path.

    ## Why it matters

    Nothing was started, so nothing is known. A server started with the same words would fail the same way.

    ## Example

    ```console
    $ netra-contracts check myap.main:app
    error[NC101] No module named 'myap'
    ```

    ## What to do

    Correct the name, run the command where the package is, or say where it is with `--app-dir`. If the module is
    installed elsewhere, name that interpreter with `--python`.
    """

    code = "NC101"
    name = "module-not-found"
    family = LIFECYCLE
    kinds = frozenset(["module-not-found"])

    def message(self, stage: Stage, fault: StageFailure, context: Context) -> str:
        """Names the part of the path that is missing."""
        module = context.observation.target.module
        if fault.missing and fault.missing != module:
            return f"there is no module `{fault.missing}`, so there is no `{module}`"
        return f"there is no module `{module}`"

    def hint(self, fault: StageFailure, context: Context) -> str:
        """The nearest module, or where one of this name lies."""
        target = context.observation.target
        if fault.found_in:
            return f"it lies in another folder: try `--app-dir {fault.found_in}`"
        if fault.near:
            return f"did you mean `{fault.near}`?"
        return (
            f"looked in {target.app_dir or target.cwd} and in the packages of {target.executable or 'the interpreter'}"
        )


class AttributeNotFound(StageCheck):
    """## What it does

    Reports that the target's module was imported but has no such attribute.

    ## Why it matters

    Nothing was started, so nothing is known.

    ## Example

    ```console
    $ netra-contracts check myapp.main:ap
    error[NC102] myapp.main has no attribute 'ap'
    ```

    ## What to do

    Correct the name; the nearest one is given. Without a name after the module, an application called `app`, `api` or
    `application`, any instance of a known framework, or a factory such as `create_app` is looked for.
    """

    code = "NC102"
    name = "attribute-not-found"
    family = LIFECYCLE
    kinds = frozenset(["attribute-not-found"])

    def hint(self, fault: StageFailure, context: Context) -> str:
        """The nearest name."""
        return f"did you mean `{fault.near}`?" if fault.near else "name the application, e.g. `myapp.main:app`"


class ImportRaised(StageCheck):
    """## What it does

    Reports that the target's module exists but raised while it was imported, with the real cause: a missing dependency
    of the module, a circular import, a missing environment variable.

    ## Why it matters

    Servers often show such a failure as "could not import", and its cause is lost.

    ## Example

    ```python
    import os

    DATABASE_URL = os.environ["DATABASE_URL"]  # KeyError where the variable is not set
    ```

    ## What to do

    Follow the cause chain. Give the target its environment under `[tool.netra-contracts.env]` or with `--env-file`, and
    move work that needs services out of the import into the lifespan.
    """

    code = "NC103"
    name = "import-raised"
    family = LIFECYCLE
    reports_exception = True
    kinds = frozenset(["import-raised"])

    def message(self, stage: Stage, fault: StageFailure, context: Context) -> str:
        """Names the exception, and the circle of a circular import."""
        module = context.observation.target.module
        if fault.cycle:
            return f"importing `{module}` goes in a circle: {' -> '.join(fault.cycle)}"
        return f"importing `{module}` raised {one_line(fault.message)}"


class FactoryRaised(StageCheck):
    """## What it does

    Reports that the target is a factory and raised when it was called.

    ## Why it matters

    There is no application to check, or to serve.

    ## Example

    ```python
    def create_app() -> FastAPI:
        settings = Settings()  # ValidationError: a required setting is missing
        ...
    ```

    ## What to do

    Follow the cause chain; give the target the environment that the factory needs.
    """

    code = "NC104"
    name = "factory-raised"
    family = LIFECYCLE
    reports_exception = True
    kinds = frozenset(["factory-raised"])

    def message(self, stage: Stage, fault: StageFailure, context: Context) -> str:
        """Names the factory and the exception."""
        return f"calling `{context.observation.target.spec}` raised {one_line(fault.message)}"


class FactoryArguments(StageCheck):
    """## What it does

    Reports that the target is a factory that cannot be called without arguments, and names them.

    ## Why it matters

    A server cannot call it either: `--factory` calls without arguments.

    ## Example

    ```python
    def create_app(settings: Settings) -> FastAPI: ...
    ```

    ## What to do

    Give the parameters defaults, or name a small factory that calls this one with what it needs.
    """

    code = "NC113"
    name = "factory-arguments"
    family = LIFECYCLE
    kinds = frozenset(["factory-arguments"])

    def hint(self, fault: StageFailure, context: Context) -> str:
        """Defaults, or a factory around it."""
        return "give them defaults, or name a function without parameters that calls it"


class NotATarget(StageCheck):
    """## What it does

    Reports that the named object, or what the factory returned, is neither an ASGI application, nor a factory, nor a
    state.

    ## Why it matters

    A factory that forgets its `return` gives None; a server fails at the first request.

    ## Example

    ```python
    def create_app():
        app = FastAPI()
        # no return
    ```

    ## What to do

    Return the application, or name another object.
    """

    code = "NC114"
    name = "not-a-target"
    family = LIFECYCLE
    kinds = frozenset(["not-a-target", "factory-not-called"])

    def hint(self, fault: StageFailure, context: Context) -> str:
        """Another name, or a return."""
        if fault.kind == "factory-not-called":
            return "leave `--no-factory` out, so that the factory is called"
        if fault.near:
            return f"did you mean `{fault.near}`?"
        return "name an application or a factory; a factory must return what it made"


CHECKS: tuple[Check, ...] = (
    ModuleNotFound(),
    AttributeNotFound(),
    ImportRaised(),
    FactoryRaised(),
    FactoryArguments(),
    NotATarget(),
)
