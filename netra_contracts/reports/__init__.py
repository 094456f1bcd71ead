"""Report formats. A renderer is a function `RunReport -> str`: it opens no file and does not read the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module

from netra_contracts.model.report import Report
from netra_contracts.model.rule_text import RuleText
from netra_contracts.model.run_report import RunReport


@dataclass(frozen=True)
class RenderOptions:
    """How to render a report.

    Attributes:
        width: columns of a line.
        colour: whether to use ANSI colours.
        unicode: whether characters other than ASCII may be used.
        verbose: the number of `-v` less the number of `-q`.
        cwd: folder that paths are shown relative to; empty: paths are shown as they are.
        root: folder that paths for other tools are relative to: that of the repository, else that of the configuration;
            empty: `cwd`.
        config_file: path of the configuration file; empty: there is none.
        rules: the documentation of the checks, by code; codes without one are named only.
        statistics: whether to show how many findings each code has.
    """

    width: int = 80
    colour: bool = False
    unicode: bool = True
    verbose: int = 0
    cwd: str = ""
    root: str = ""
    config_file: str = ""
    rules: Mapping[str, RuleText] = field(default_factory=dict, hash=False)
    statistics: bool = False


#: Draws all targets of a run.
Renderer = Callable[[RunReport, RenderOptions], str]
#: Draws one target, as renderers of plugins do.
ReportRenderer = Callable[[Report, RenderOptions], str]


def _lazy_renderer(module: str) -> Renderer:
    """Return a renderer whose module is imported on first use: a JSON report does not need rich."""

    def render(run: RunReport, options: RenderOptions) -> str:
        text: str = import_module(f"netra_contracts.reports.{module}").render(run, options)
        return text

    return render


def for_each_target(renderer: ReportRenderer) -> Renderer:
    """Return a renderer that draws one target after the other."""

    def render(run: RunReport, options: RenderOptions) -> str:
        return "".join(_checked(renderer(named.report, options)) for named in run.reports)

    return render


def _checked(text: object) -> str:
    """What a renderer of a plugin returned, if it is text."""
    if not isinstance(text, str):
        raise TypeError(f"it returned {type(text).__name__}, not a string")
    return text


#: Renderers by the name of their format. Each is the function `render` of the module with that name.
RENDERERS: Mapping[str, Renderer] = {
    **{name: _lazy_renderer(name) for name in ("table", "concise", "agent", "markdown", "html", "json")},
    **{
        name: _lazy_renderer(f"services.{name.replace('-', '_')}")
        for name in ("sarif", "junit", "junit-strict", "gitlab", "rdjson", "github", "azure", "teamcity")
    },
}

#: Names the format that the CI service of the run reads.
CI_FORMAT = "ci"
#: Formats by the environment variable that a CI service sets.
_CI_SERVICES: Mapping[str, str] = {
    "GITHUB_ACTIONS": "github",
    "GITLAB_CI": "gitlab",
    "TF_BUILD": "azure",
    "TEAMCITY_VERSION": "teamcity",
}
#: Formats that a service reads from a file only. In its log, people read lines.
_IN_FILES = frozenset({"gitlab"})


def format_of(name: str, environ: Mapping[str, str], *, to_file: bool = False) -> str:
    """Return the name of a renderer: for `ci`, that of the service whose variable is set, else `concise`.

    Args:
        name: of a format.
        environ: with the variables.
        to_file: whether the report is written to a file. GitLab reads its format from one; in the log of a job, lines
            serve the user better.
    """
    if name != CI_FORMAT:
        return name
    found = next((form for variable, form in _CI_SERVICES.items() if environ.get(variable)), "concise")
    return "concise" if found in _IN_FILES and not to_file else found
