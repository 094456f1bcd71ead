"""Determines what the target is: from the object it names, and again from what a factory returned."""

from __future__ import annotations

import os
import sys
from typing import Any

from ...protocol.control import LaunchRequest
from ...protocol.observed.failures import StageFailure
from ...protocol.observed.observation import TargetInfo
from ..inspection import source_locations
from ..inspection.safe_inspect import type_name
from . import target_loader
from .wrappers import WrappedApp, family_of, unwrap, wrapped_apps

_KINDS = {"application": "application", "state": "state", "factory": "application factory"}


class Target:
    """The target of one run.

    Attributes:
        info: what is known of it; filled in as more becomes known.
        app: the ASGI application; None: the target is a state, or has not been built.
        apps: the applications of a framework within `app`, the main one first.
        state: the state, if the target is one; None: it is not.
    """

    def __init__(self, request: LaunchRequest) -> None:
        self._request = request
        self.info = TargetInfo(
            spec=request.module if request.attr is None else f"{request.module}:{request.attr}",
            module=request.module,
            attr=request.attr or "",
            python=sys.version.split()[0],
            executable=sys.executable,
            cwd=os.getcwd(),
            app_dir=request.app_dir,
        )
        self.app: Any = None
        self.apps: list[WrappedApp] = []
        self.state: Any = None

    @property
    def is_factory(self) -> bool:
        """Whether the target has to be called."""
        return self.info.kind in ("application factory", "state factory")

    @property
    def is_state(self) -> bool:
        """Whether the target is, or returned, a state and not an application."""
        return self.info.kind in ("state", "state factory")

    def imported(self, module: Any, found: target_loader.LoadedObject) -> None:
        """Determine what the named object is.

        Raises:
            LoadError: if it cannot be a target, or is a factory and must not be called.
        """
        obj = found.value
        kind = target_loader.classify(obj)
        if kind and self._request.factory:
            kind = "factory"
        file = getattr(module, "__file__", None)
        self._fill(
            spec=f"{self._request.module}:{found.attr}",
            attr=found.attr,
            kind=_KINDS.get(kind, "unknown"),
            how=found.how,
            file=file if isinstance(file, str) else "",
            location=source_locations.location_of_object(obj) if kind == "factory" else None,
            **_framework(obj),
        )
        if kind == "factory" and self._request.factory is False:
            message = f"`{self.info.spec}` is a factory, and `--no-factory` says not to call it"
            raise target_loader.LoadError(StageFailure("factory-not-called", message))
        if not kind or (kind == "application" and not callable(obj)):
            raise target_loader.not_a_target(obj, f"`{self.info.spec}`", _other_application(module, found.attr))

    def built(self, obj: Any) -> None:
        """Determine what a factory returned.

        Raises:
            LoadError: if it is neither an application nor a state.
        """
        kind = target_loader.classify(obj)
        if kind not in ("application", "state"):
            raise target_loader.not_a_target(obj, f"what `{self.info.spec}` returned")
        self._fill(kind=f"{kind} factory", **_framework(obj))

    def set_object(self, built: Any) -> None:
        """Set the object that the target is, after it has been built."""
        if self.is_state:
            self.state = built
            return
        self.app = built
        self.find_applications()

    def find_applications(self, *others: Any) -> None:
        """Find the applications of a framework within the target, unless they are known: some are created late.

        Args:
            others: objects that may be its application, if it does not refer to any.
        """
        for obj in (self.app, *others):
            if obj is not None and not self.apps:
                self.apps = wrapped_apps(obj)

    @property
    def framework_app(self) -> Any:
        """The main application of a framework within `app`; None: there is none."""
        return self.apps[0].app if self.apps else None

    def current_state(self) -> Any:
        """The target's state, if it is one, else the state of its application; None: that has none."""
        return self.state if self.state is not None else getattr(self.framework_app, "state", None)

    def _fill(self, **known: Any) -> None:
        self.info = TargetInfo(**{**vars(self.info), **known})


def _framework(obj: Any) -> dict[str, str]:
    name, version = target_loader.framework_of(unwrap(obj))
    return {"framework": name, "framework_version": version, "type": type_name(type(obj))}


def _other_application(module: Any, attr: str) -> str:
    """Another name in the module that is an application, or ""."""
    return next((name for name, member in vars(module).items() if family_of(member) and name != attr), "")
