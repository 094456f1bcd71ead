"""Git repositories whose commits are checked by the hooks of this repository, with the real pre-commit and prek."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parents[3]
#: What pre-commit needs of this repository to install the isolated hook.
_INSTALLED = ("netra_contracts", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
#: The programs that run hooks, as development dependencies of this repository.
RUNNERS = {"pre-commit": (sys.executable, "-m", "pre_commit"), "prek": (str(Path(sys.executable).parent / "prek"),)}

MAIN = """
import json, os, sys

class Pool:
    pass

def create_services():
    with open(os.environ.get("SEEN", os.devnull), "w") as file:
        json.dump([sys.prefix, os.environ.get("VIRTUAL_ENV"), os.environ["PATH"]], file)
    return {"pool": Pool()}
"""
CONTRACTS = """
[tool.netra-contracts]
target = "main:create_services"

[tool.netra-contracts.components.pool]
type = "main:Pool"
impact = "No user can connect"
"""


class Ended(NamedTuple):
    """How a command ended, and what it printed on stdout and stderr."""

    status: int
    output: str


def ended_command(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> Ended:
    """Run a command in a folder, without input, and with stdout and stderr in one stream."""
    ended = subprocess.run(
        command,
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return Ended(ended.returncode, ended.stdout)


class Project:
    """A git repository with an application that keeps its contracts.

    Args:
        folder: where to make it. It is created.
        environ: variables of the commands, beside those of the tests.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "VIRTUAL_ENV"))}
        who = {
            f"GIT_{role}_{what}": "tests@localhost" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        self.environ = {**kept, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **environ}
        folder.mkdir(parents=True)
        self.run("git", "init", "--quiet", "--initial-branch=main")
        self.write(".gitignore", ".venv/\n")
        self.write("main.py", MAIN)
        self.write("pyproject.toml", CONTRACTS)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *command: str, **environ: str) -> Ended:
        """Run a command in the project's folder."""
        return ended_command(command, self.folder, {**self.environ, **environ})

    def use_hooks(self, source: Path, *hooks: Mapping[str, object]) -> None:
        """Configure hooks of the repository `source`, at its last commit."""
        revision = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=source,
            env=self.environ,
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout.strip()
        repositories = [{"repo": str(source), "rev": revision, "hooks": list(hooks)}]
        self.write(".pre-commit-config.yaml", yaml.safe_dump({"repos": repositories}))

    def commit(self, message: str, **environ: str) -> Ended:
        """Commit everything, with the hooks that are installed."""
        self.run("git", "add", "--all")
        return self.run("git", "commit", "--quiet", "--message", message, **environ)

    @property
    def commits(self) -> list[str]:
        """Subjects of the commits, the last one first."""
        return self.run("git", "log", "--format=%s").output.splitlines()


def this_repository(folder: Path, environ: Mapping[str, str]) -> Path:
    """A repository with the hooks and the package as they are in the work tree, committed."""
    repository = Project(folder, environ)
    for name in _INSTALLED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    ended = repository.commit("netra-contracts")
    assert ended.status == 0, ended.output
    return folder


def environment_with_the_tool(folder: Path) -> Path:
    """Make a virtual environment that has netra-contracts and everything that the tests have, and return its folder."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "tests.pth").write_text("\n".join([str(ROOT), *site.getsitepackages()]), encoding="utf-8")
    script = folder / "bin" / "netra-contracts"
    script.write_text(
        f"#!{folder}/bin/python\nimport sys\nfrom netra_contracts.__main__ import main\nsys.exit(main())\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    return folder
