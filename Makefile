# make test           linters, types, layers of the package, all quick tests with their coverage
# make test-all       the same with the slow tests, and with the commands that tests start in the coverage
# make test-gates     the slow tests of the gates, which run the documented examples of pre-commit, prek, tox and nox
# make lint           linters, types, layers of the package
# make coverage       what the last test run did not cover, by module
# make demo           check the embedded reference application
# make example-NAME   check an application in examples/
# make bench          measure the figures of docs/benchmarks.md
# make corpus         check real applications from the package index, and compare the findings with those that were verified
# make mutation       change checks/ and contracts/ in small ways and report the changes that no unit test notices
# make docs           generate the parts of docs/ that come from the code, and build the site in site/
# make dist           build and check the distributions
# make constraints    pin the newest versions of the development tools in constraints.txt
# make clean          remove everything that these targets write
#
# Each target installs what it needs into .venv. It takes Python 3.11 or newer: make PYTHON=python3.13 test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
STAMP := $(VENV)/.installed
# Four workers on two cores, since many tests wait for a process; one that has no tests left takes those of another.
WORKERS ?= 4
# pytest without its closing report: `coverage report` below has the floor, which is for the host alone.
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report=
# The probe runs in the target's process, which is not measured: its figure is that of its unit tests and has no floor.
PROBE := netra_contracts/probe/*
FLOOR := 90

.PHONY: test test-all test-gates lint coverage coverage-floor demo bench corpus mutation docs dist release-notes constraints clean

test: lint
	$(BIN)/python -m compileall -q netra_contracts # the tests start it hundreds of times and write no bytecode
	$(PYTEST) -m "not slow"
	@$(MAKE) --no-print-directory coverage-floor

test-all: lint
	NETRA_TEST_COVERAGE=$(CURDIR)/.coverage $(PYTEST) -m "slow or not slow"
	$(BIN)/coverage combine --quiet --append
	@$(MAKE) --no-print-directory coverage-floor

# Needs a package index.
test-gates: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) -m slow tests/functional/gates tests/functional/test_evidence_is_filled.py

coverage-floor:
	@printf 'coverage with branches, percent: host '
	@$(BIN)/coverage report --omit="$(PROBE)" --format=total --fail-under=$(FLOOR)
	@printf 'coverage with branches, percent: probe '
	@$(BIN)/coverage report --include="$(PROBE)" --format=total

coverage:
	$(BIN)/coverage report --show-missing

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

demo: $(STAMP)
	$(BIN)/netra-contracts check netra_contracts.reference:create_app --contracts netra_contracts.reference.contracts:CONTRACTS

# One of the folders in examples/, e.g. `make example-fastapi_chat`.
example-%: $(STAMP)
	cd examples/$* && $(CURDIR)/$(BIN)/netra-contracts check

example-adr_001: $(STAMP)
	cd examples/adr_001 && $(CURDIR)/$(BIN)/netra-contracts check --all

bench: $(STAMP)
	$(BIN)/python -m benchmarks

# Needs a package index, about 3 GB in .cache/corpus, and half an hour. A part: make corpus APPS="fastmcp mcpo"
corpus: $(STAMP)
	$(BIN)/python -m tests.corpus $(APPS)

# Ends after SECONDS and continues from there when it is called again. Without SECONDS it takes an hour or two.
# A part: make mutation MUTANTS='netra_contracts.checks.engine.causality*'
SECONDS ?= 0
TIMED := import os, signal, sys; signal.alarm(int(sys.argv[1])); os.execv(sys.argv[2], sys.argv[2:])
mutation: $(STAMP)
	$(PIP) install --constraint constraints.txt mutmut
	-$(BIN)/python -c '$(TIMED)' $(SECONDS) $(BIN)/mutmut run $(MUTANTS)
	$(BIN)/mutmut results | grep -v ': not checked$$'

docs: $(STAMP)
	$(PIP) install --constraint constraints.txt --editable ".[docs]"
	$(BIN)/python docs/generate.py
	$(BIN)/sphinx-build --fail-on-warning --keep-going --fresh-env docs site

# In an environment of its own: what twine installs changes the types of other packages.
dist:
	$(PYTHON) -m venv .cache/dist
	.cache/dist/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt build twine
	rm -rf dist
	.cache/dist/bin/python -m build
	.cache/dist/bin/twine check --strict dist/*

# Prints the section of the changelog about VERSION.
release-notes:
	@awk -v heading="## [$(VERSION)]" 'index($$0, "## [") == 1 { wanted = index($$0, heading) == 1; next } wanted' CHANGELOG.md

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "netra-contracts needs Python 3.11 or newer; name one with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --constraint constraints.txt --editable ".[dev]"
	@touch $(STAMP)

# In a virtual environment of its own, so that nothing left in .venv is pinned.
constraints:
	$(PYTHON) -m venv --clear .cache/constraints
	.cache/constraints/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[dev,docs]" build mutmut twine
	.cache/constraints/bin/python -m pip freeze --exclude-editable --disable-pip-version-check > constraints.txt

clean:
	rm -rf $(VENV) .coverage .coverage.* .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist mutants site
