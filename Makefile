# make test    a virtual environment, linters, types, layers, all quick tests
# make demo    check the embedded reference application
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: test test-all lint demo bench docs clean

test: lint
	$(BIN)/python -m compileall -q netra_contracts # the tests start it hundreds of times, and write no bytecode
	$(BIN)/python -m pytest -n 3 -m "not slow" # three on two cores: many of them wait

test-all: lint
	$(BIN)/python -m pytest -n 3 -m "slow or not slow"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --exclude docs/checks --exclude $(VENV) . # those pages are generated: make docs
	$(BIN)/mypy
	$(BIN)/lint-imports

demo: $(STAMP)
	$(BIN)/netra-contracts check netra_contracts.reference:create_app --contracts netra_contracts.reference.contracts:CONTRACTS

bench: $(STAMP)
	$(BIN)/python -m benchmarks

docs: $(STAMP)
	$(BIN)/python -m netra_contracts.checks.engine.documentation docs/checks

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "netra-contracts needs Python 3.11 or newer; name one with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $(STAMP)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks build dist
