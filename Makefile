# `make` lists what there is to do. Needs Python 3.11 or newer, make, and nothing else.

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 4
POSTGRES := $(BIN)/python scripts/private_postgres.py
LOCK := pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links
UV ?= $(or $(shell command -v uv 2>/dev/null),$(BIN)/uv)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-dev demo test test-sqlite test-postgresql check format types messages lock upgrade clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.runtime ## Make .venv with the `huikuan` command in it
	@echo "Ready: $(BIN)/huikuan --help"

setup-dev: $(VENV)/.dev ## The same with the developers' tools

demo: $(VENV)/.runtime ## Load a realistic portfolio, do the day's run and serve the desk
	@$(BIN)/huikuan demo $(ARGS)

test: test-sqlite test-postgresql ## The whole test suite, on SQLite and, where installed, on PostgreSQL

test-sqlite: $(VENV)/.dev ## The whole test suite on SQLite
	@$(PYTEST)

test-postgresql: $(VENV)/.dev ## Every test that touches a database, less the browser, on a private PostgreSQL
	@if $(POSTGRES) available >/dev/null 2>&1; then \
		$(POSTGRES) run -- $(PYTEST) -m "not browser" tests/modules tests/journeys; \
	else \
		echo "SKIPPED: the suite on PostgreSQL. Its server programs are not installed (Debian: apt-get install postgresql)."; \
	fi

check: $(VENV)/.dev ## What must be green before a commit: format, lint, types, contracts, spelling, tests on SQLite
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/codespell
	@$(BIN)/python -m pytest -q tests/test_tidy.py tests/test_translations.py
	@$(PYTEST) --ignore tests/test_tidy.py --ignore tests/test_translations.py

format: $(VENV)/.dev ## Format the code and mend what can be mended
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

messages: $(VENV)/.dev ## Gather the texts to translate, and compile the translations
	@$(BIN)/python scripts/messages.py

lock: $(UV) ## Write requirements/*.txt anew from pyproject.toml, keeping the versions that still fit
	@$(UV) $(LOCK) $(LOCK_ARGS) pyproject.toml --output-file requirements/runtime.txt
	@$(UV) $(LOCK) $(LOCK_ARGS) pyproject.toml --extra dev --constraint requirements/runtime.txt \
		--output-file requirements/dev.txt
	@$(UV) $(LOCK) $(LOCK_ARGS) requirements/build.in --output-file requirements/build.txt

upgrade: ## The same, taking the newest versions that fit
	@$(MAKE) lock LOCK_ARGS=--upgrade

clean: ## Remove everything that make made
	rm -rf $(VENV) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(BIN)/python:
	@for python in python3.11 python3.12 python3.13 python3.14 python3; do \
		if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making $(VENV) with $$($$python --version) …"; \
			exec $$python -m venv $(VENV); \
		fi; \
	done; \
	echo "Python 3.11 or newer, with its venv module, is needed (Debian: apt-get install python3 python3-venv)."; exit 1

$(VENV)/.runtime: pyproject.toml requirements/build.txt requirements/runtime.txt | $(BIN)/python
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(BIN)/python -m ensurepip --upgrade >/dev/null
	@echo "Installing what huikuan needs …"
	@$(PIP) install --require-hashes -r requirements/build.txt
	@$(PIP) install --require-hashes -r requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	@echo "Installing the developers' tools …"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(BIN)/uv: | $(BIN)/python
	@$(PIP) install uv
