"""The texts of `--help` for commands whose options are declared."""

CHECK_HELP = """Start the target, check its state, and report.

The target's startup really runs, with NETRA_CONTRACTS=check in its environment.

\b
Exit status:
  0    contracts hold
  1    findings at or above the fail level
  2    wrong usage, or nothing to check
  3    internal error
  130  interrupted
"""

RUN_HELP = """Check the configured target, then start the server in this process.

If the check passes, COMMAND replaces this process. The target comes from the configuration and is not derived from
COMMAND. The report is written to stderr.

The startup really runs twice, with its migrations: once in the check, with NETRA_CONTRACTS=check in its environment,
and once in the server, without it.

\b
Exit status: that of the server or, if it was not started,
  1    findings at or above the fail level
  2    wrong usage, or no configured target
  3    internal error
  126  COMMAND cannot be executed
  127  COMMAND was not found; the target was not started
  130  interrupted
  143  terminated
"""

INIT_HELP = """Start the target and write a contract for each component in its state.

The contracts are added to the configuration file, else to pyproject.toml, else to a new netra-contracts.toml. Existing
content is kept. Options that `check` needs as well are added. --strengthen also adds terms to contracts that exist.
"""

SCORE_HELP = """Show how many changes of the startup the contracts notice, and which terms would notice more.

The target is started once, as by `check`. The recording is then changed one fact at a time and checked again: a
component that is absent or of another type, a reference to a copy, events that are lost or go to another user. With
--from, a saved recording is changed and no target is started.

\b
Exit status:
  0    the score was written
  1    the score is below --min-score
  2    wrong usage, no contracts, or contracts that do not hold
  3    internal error
  130  interrupted
"""

DIFF_HELP = """Compare two runs: findings, components, their order, contracts and times.

A and B are recordings (`check --record`) or reports (`check --format json` or html). Recordings are checked with the
contracts in them and with the baseline that --baseline names, as `check --from` does.

\b
Exit status:
  0    no new findings at or above the fail level
  1    new findings, or findings that have become that severe
  2    wrong usage, or a file that cannot be read
  3    internal error
"""

GRAPH_HELP = """Write the graph of components: what each requires and is wired to, and which dependencies are broken.

GitHub and GitLab render Mermaid in Markdown, Graphviz renders DOT. The target is started as by `check`, but no
clients connect. With --from, the graph is drawn from a recording or a saved report (JSON or HTML); if it has several
targets, TARGET names one. If there are more than 150 components, only broken ones and their neighbours are drawn.

\b
Exit status:
  0    the graph was written, whatever it shows
  1    the target did not start; the graph of what is known was written
  2    wrong usage, or no target
  3    internal error
  130  interrupted
"""

USAGE_HELP = """List the lines of the sources that read and write each component, with what startup recorded.

The target is started as by `check`, but no clients connect. Sources are read and not executed. With --from, the lists
come from a recording (`check --record`).

\b
Exit status:
  0    the lists were written
  1    the target did not start; the lists of what is known were written
  2    wrong usage, or no target
  3    internal error
  130  interrupted
"""
