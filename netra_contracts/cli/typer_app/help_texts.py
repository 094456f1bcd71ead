"""What `--help` says of commands whose options are declared."""

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

RUN_HELP = """Check the configured target, then become the server.

COMMAND replaces this process if the check passes. Its target is the configured one, whatever COMMAND serves. The report
is written to stderr.

The startup really runs twice, with its migrations: in the check, with NETRA_CONTRACTS=check in its environment, and in
the server, without.

\b
Exit status: that of the server or, if it is not reached,
  1    findings at or above the fail level
  2    wrong usage, or no configured target
  3    internal error
  126  COMMAND cannot be executed
  127  there is no COMMAND; the target was not started
  130  interrupted
  143  terminated
"""

INIT_HELP = """Start the target and write a contract for each component in its state.

The contracts are added to the configuration file, else to pyproject.toml, else to a new netra-contracts.toml. Existing
content is kept. Options that `check` needs as well are added.
"""

DIFF_HELP = """Compare two runs: findings, components, their order, contracts and times.

A and B are recordings (`check --record`) or reports (`check --format json` or html). Recordings are checked with the
contracts in them, as `check --from` does.

\b
Exit status:
  0    no new findings at or above the fail level
  1    new findings, or findings that have become that severe
  2    wrong usage, or a file that cannot be read
  3    internal error
"""

GRAPH_HELP = """Write the graph of components: what each requires and is wired to, and what of this is broken.

GitHub and GitLab draw Mermaid in Markdown, Graphviz draws DOT. The target is started as by `check`, without clients.
With --from, the graph is that of a recording, or of a report that `check --format json` has written; if it has several
targets, TARGET names one. Of more than 150 components, what is broken and its neighbours are drawn.

\b
Exit status:
  0    the graph was written, whatever it shows
  1    the target did not start; the graph of what is known was written
  2    wrong usage, or no target
  3    internal error
  130  interrupted
"""
