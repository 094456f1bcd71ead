"""Checks of finding, importing and building the target: NC101 to NC104, NC113, NC114."""

from __future__ import annotations

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.explanations.exception_text import one_line
from netra_contracts.checks.engine.stage_check import StageCheck
from netra_contracts.checks.lifecycle.family import LIFECYCLE
from netra_contracts.protocol.observed.failures import StageFailure
from netra_contracts.protocol.observed.observation import Stage

#: What an ASGI application is called with, as a failure names missing arguments.
_ASGI_ARGUMENTS = "scope, receive, send"


class ModuleNotFound(StageCheck):
    """## What it does

    Reports that the module named by the target, or one of its parent packages, was not found on the import path.

    ## Why it matters

    Nothing was started, so nothing could be checked. A server that is given the same target fails in the same way.

    ## Example

    ```console
    $ netra-contracts check myap.main:app
    error[NC101] module `myap.main` not found: there is no module `myap`
    ```

    ## What to do

    Correct the name, run the command in the folder that contains the package, or name that folder with `--app-dir`. If
    the module is installed in another environment, select its interpreter with `--python`.
    """

    code = "NC101"
    name = "module-not-found"
    family = LIFECYCLE
    kinds = frozenset(["module-not-found"])

    def message(self, stage: Stage, failure: StageFailure, context: Context) -> str:
        """Names the part of the path that is missing."""
        module = context.observation.target.module
        if failure.missing and failure.missing != module:
            return f"module `{module}` not found: there is no module `{failure.missing}`"
        return f"module `{module}` not found"

    def hint(self, failure: StageFailure, context: Context) -> str:
        """The folder that contains the module, or the nearest name."""
        target = context.observation.target
        if failure.found_in:
            return f"it is in another folder: try `--app-dir {failure.found_in}`"
        if failure.near:
            return f"did you mean `{failure.near}`?"
        return f"searched {target.app_dir or target.cwd} and the packages of {target.executable or 'the interpreter'}"


class AttributeNotFound(StageCheck):
    """## What it does

    Reports that the target's module was imported, but does not have the named attribute.

    ## Why it matters

    Nothing was started, so nothing could be checked.

    ## Example

    ```console
    $ netra-contracts check myapp.main:ap
    error[NC102] `myapp.main` has no attribute `ap`
    ```

    ## What to do

    Correct the name; the report suggests the nearest one. If the target names a module only, the tool searches it for
    an application called `app`, `api` or `application`, any instance of a known framework, or a factory such as
    `create_app`.
    """

    code = "NC102"
    name = "attribute-not-found"
    family = LIFECYCLE
    kinds = frozenset(["attribute-not-found"])

    def hint(self, failure: StageFailure, context: Context) -> str:
        """The nearest name."""
        return f"did you mean `{failure.near}`?" if failure.near else "name the application, e.g. `myapp.main:app`"


class ImportRaised(StageCheck):
    """## What it does

    Reports that the target's module exists but raised an exception while it was imported, and shows the original
    cause: a missing dependency of the module, a circular import, a missing environment variable.

    ## Why it matters

    Servers often report such a failure as "could not import" and hide its cause.

    ## Example

    ```python
    import os

    DATABASE_URL = os.environ["DATABASE_URL"]  # KeyError where the variable is not set
    ```

    ## What to do

    Follow the cause chain. Set the target's environment variables under `[tool.netra-contracts.env]` or with
    `--env-file`, and move work that needs services from import time into the lifespan.
    """

    code = "NC103"
    name = "import-raised"
    family = LIFECYCLE
    reports_exception = True
    kinds = frozenset(["import-raised"])

    def message(self, stage: Stage, failure: StageFailure, context: Context) -> str:
        """Names the exception, or the cycle of a circular import."""
        module = context.observation.target.module
        if failure.cycle:
            return f"importing `{module}` failed: circular import {' -> '.join(failure.cycle)}"
        return f"importing `{module}` raised {one_line(failure.message)}"

    def hint(self, failure: StageFailure, context: Context) -> str:
        """How to break the cycle of a circular import, or a hint from the exception."""
        if failure.cycle:
            return (
                "import it in the function that uses it, move what both need into a third module, or, if only "
                "annotations need it, import it under `if TYPE_CHECKING:`"
            )
        return super().hint(failure, context)


class FactoryRaised(StageCheck):
    """## What it does

    Reports that the target is a factory that raised an exception when it was called.

    ## Why it matters

    There is no application to check or to serve.

    ## Example

    ```python
    def create_app() -> FastAPI:
        settings = Settings()  # ValidationError: a required setting is missing
        ...
    ```

    ## What to do

    Follow the cause chain, and set the environment variables that the factory needs.
    """

    code = "NC104"
    name = "factory-raised"
    family = LIFECYCLE
    reports_exception = True
    kinds = frozenset(["factory-raised"])

    def message(self, stage: Stage, failure: StageFailure, context: Context) -> str:
        """Names the factory and the exception."""
        target = context.observation.target
        if target.kind == "application":  # what the target changed keeps the loop from being created
            return f"creating an event loop for `{target.spec}` raised {one_line(failure.message)}"
        return f"calling `{target.spec}` raised {one_line(failure.message)}"


class FactoryArguments(StageCheck):
    """## What it does

    Reports that the target is a factory that has required parameters, and names them.

    ## Why it matters

    A server cannot call it either: `--factory` calls without arguments.

    ## Example

    ```python
    def create_app(settings: Settings) -> FastAPI: ...
    ```

    ## What to do

    Give the parameters default values, or name a function without parameters that calls this factory.
    """

    code = "NC113"
    name = "factory-arguments"
    family = LIFECYCLE
    kinds = frozenset(["factory-arguments"])

    def hint(self, failure: StageFailure, context: Context) -> str:
        """Default values, or another factory; an ASGI application is no factory."""
        if failure.missing == _ASGI_ARGUMENTS:
            return (
                "it is an ASGI application, not a factory: leave out `--factory`; if the configuration says "
                "`factory = true` for another target, add `--no-factory`"
            )
        return "give the parameters default values, or name a function without parameters that calls it"


class NotATarget(StageCheck):
    """## What it does

    Reports that the named object, or the object that the factory returned, is not an ASGI application, a factory or a
    state.

    ## Why it matters

    A factory without a `return` statement returns None, and the server fails at the first request.

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

    def hint(self, failure: StageFailure, context: Context) -> str:
        """Another name, or a `return` statement."""
        if failure.kind == "factory-not-called":
            return "remove `--no-factory`, so that the factory is called"
        if failure.near:
            return f"did you mean `{failure.near}`?"
        return "name an application or a factory; a factory must return what it creates"


CHECKS: tuple[Check, ...] = (
    ModuleNotFound(),
    AttributeNotFound(),
    ImportRaised(),
    FactoryRaised(),
    FactoryArguments(),
    NotATarget(),
)
