# The newcomer's commands. Everything runs in .venv, made on first use; CI calls the same targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help backfill docs docs-serve test test-all cover test-bcp test-mssql chaos soak fuzz lint type bench bench-full sql clean

PYTHON ?= python3
BIN := .venv/bin
# Set in many containers. Every process that a test starts would compile the package anew, and pytest every test file.
unexport PYTHONDONTWRITEBYTECODE
EQUIP ?= FD_FAN
STORE ?=
AGAINST ?=
TICK ?=
FROM ?=
TO ?=
ACM := $(BIN)/acm-etl$(if $(STORE), --store '$(STORE)')

help: ## Explain the targets (default)
	@echo "acm_etl: machine health from plant history"; echo
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*## /\t/' | expand -t 12
	@echo; echo "backfill takes EQUIP=$(EQUIP) TICK=1d FROM=2024-01-01 TO=2024-06-01 STORE=duckdb:///acm.duckdb (or ACM_STORE)"

# reinstalled when the dependencies change
.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, not %s" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "setting up .venv (once, about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[fast,mssql]" --group dev
	@touch $@

backfill: .venv/installed ## Score the history of EQUIP and publish it (simulates a machine if it has no readings)
	@$(ACM) init
	@$(ACM) simulate "$(EQUIP)" --if-missing
	@$(ACM) backfill --equip "$(EQUIP)" $(if $(TICK),--tick "$(TICK)") $(if $(FROM),--from "$(FROM)") $(if $(TO),--to "$(TO)")
	@echo "Run acm-etl as $(BIN)/acm-etl (or: source $(BIN)/activate)$(if $(STORE), with the same --store)"

test: .venv/installed ## Run the tests that prove every promise once (minutes)
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

test-all: .venv/installed ## Run the other tests: every table and failure, fault injection, fuzzing, a browser
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m slow

cover: .venv/installed ## Run all tests and print the branch coverage of acm_etl
	@$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report term:skip-covered

.venv-bcp/installed: pyproject.toml
	@test -x .venv-bcp/bin/python || $(PYTHON) -m venv .venv-bcp
	@.venv-bcp/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@.venv-bcp/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[bcp]" --group test
	@touch $@

test-bcp: .venv-bcp/installed ## Run the tests that need the extra [bcp], in an environment of their own (.venv-bcp)
	@.venv-bcp/bin/python -m pytest -n 0 tests/test_extras.py tests/mssql/test_loaders.py

.venv-docs/installed: pyproject.toml
	@test -x .venv-docs/bin/python || $(PYTHON) -m venv .venv-docs
	@.venv-docs/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@.venv-docs/bin/python -m pip install --quiet --disable-pip-version-check --group docs
	@touch $@

docs: .venv-docs/installed ## Build the documentation site into build/site (make docs-serve shows it while you write)
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict --quiet

docs-serve: .venv-docs/installed ## Serve the documentation on http://127.0.0.1:8000
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs serve

chaos: .venv/installed ## Fault injection: 200 backfills plus one per SQL statement, compared with a clean run (an hour)
	@cd tests && ../$(BIN)/python -m chaos --faults 200
	@CHAOS_STATEMENTS=all $(BIN)/python -m pytest -n 0 tests/chaos/test_failing_statements.py

soak: .venv/installed ## 2,000 windows with random failures, 250 on the stand-in for SQL Server: nothing leaks (an hour)
	@SOAK_WINDOWS=2000 $(BIN)/python -m pytest -n 0 tests/chaos/test_soak.py

fuzz: .venv/installed ## Fuzzing: 10,000 damaged files and messages, 2,500 examples each of settings, names and frames (minutes)
	@HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -n 2 --timeout 3600 tests/fuzz

test-mssql: .venv/installed ## Run the tests that a SQL Server can serve on ACM_TEST_MSSQL (writes to and truncates that database)
	@test -n "$$ACM_TEST_MSSQL" || { echo "set ACM_TEST_MSSQL=mssql://user:password@host:1433/DATABASE (compose.yaml starts a server)"; exit 2; }
	@$(BIN)/python -m pytest -n 0 -k mssql tests/load tests/promises tests/mssql

lint: .venv/installed type ## Check style, types and that generated files are up to date
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@rm -rf build/sql && mkdir -p build/sql
	@for engine in duckdb mssql; do $(BIN)/acm-etl sql $$engine --write build/sql/$$engine && diff -r sql/$$engine build/sql/$$engine || exit 1; done

type: .venv/installed ## Check types
	@$(BIN)/mypy

# the alternatives; without them (no network) their part of a benchmark is skipped with a notice
.venv/bench: pyproject.toml .venv/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench || echo "alternatives not installed: skipped"
	@touch $@

bench: .venv/bench ## Measure speed and memory against alternatives, check the gates (under six minutes)
	@$(BIN)/python bench/run.py

bench-full: .venv/bench ## The same up to ten million readings, draw docs/bench.png; AGAINST=DIR: also beside another checkout
	@$(BIN)/python bench/run.py --full
	@$(BIN)/python bench/chart.py
	@$(if $(AGAINST),$(BIN)/python bench/run.py --full --against '$(AGAINST)' --out bench/results/against.json)

sql: .venv/installed ## Render sql/ and the lists of docs/tables.md from acm_etl/tables
	@for engine in duckdb mssql; do rm -rf sql/$$engine; $(BIN)/acm-etl sql $$engine --write sql/$$engine; done
	@$(BIN)/python -m acm_etl.tables.docs docs/tables.md

clean: ## Remove .venv, caches and build files (never a store)
	rm -rf .venv .venv-bcp .venv-docs build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage* *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +
