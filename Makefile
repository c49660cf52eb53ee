# Countersign. `make` alone lists what there is to make.
#   PORT, DATA   port and data folder of `make up` and `make demo`
#   PYTHON       the interpreter to make the environment with, 3.11 or newer
PORT ?= 8000
DATA ?= var
PYTHON ?= python3

VENV := .venv
PY := $(VENV)/bin/python
RUNTIME := requirements/base.txt requirements/embedded.txt
DEVELOPMENT := $(RUNTIME) requirements/dev.txt requirements/uv.txt
UP := exec env PORT="$(PORT)" DATA="$(DATA)" $(PY) manage.py up --until-parent-ends
# Settings for commands that look at the code and touch no server.
OFFLINE := env DJANGO_SETTINGS_MODULE=tests.settings $(PY)

.DEFAULT_GOAL := help
.PHONY: help up demo test check lint types layers migrations templates api format bench screenshots renew lock

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' Makefile | expand -t 16

up: $(VENV)/.runtime ## Start everything on http://localhost:PORT with its data in DATA
	@$(UP)

demo: $(VENV)/.runtime ## The same with people, definitions and instances to look at
	@$(UP) --demo

test: $(VENV)/.development ## Run all tests (ROUNDS=n scales races, E2E=required insists on a browser)
	@$(PY) -m tests.suites

check: lint types layers migrations templates api ## Linters, types, import layers, migrations, templates, OpenAPI

lint: $(VENV)/.development
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/.development
	$(VENV)/bin/mypy

layers: $(VENV)/.development
	$(VENV)/bin/lint-imports --no-cache

migrations: $(VENV)/.development
	$(OFFLINE) -W 'ignore:Got an error checking:RuntimeWarning' manage.py makemigrations --check --dry-run

templates: $(VENV)/.development
	git ls-files -z '*.html' | xargs -0 -r $(VENV)/bin/djade --check --target-version 5.2

api: $(VENV)/.development
	$(PY) -m pytest -q tests/architecture/test_openapi.py

format: $(VENV)/.development ## Rewrite code and templates in the project's format
	$(VENV)/bin/ruff check --fix-only --quiet .
	$(VENV)/bin/ruff format .
	git ls-files -z '*.html' | xargs -0 -r $(VENV)/bin/djade --target-version 5.2

bench: $(VENV)/.development ## Measure throughput beside the raw limits of the same PostgreSQL
	@$(PY) -m tests.benchmarks

screenshots: $(VENV)/.development ## Take pictures of every page into screenshots/
	@$(PY) -m tests.browser.screenshots

renew: $(VENV)/.development ## Write the files made from code anew: OpenAPI, error codes, settings table
	RENEW=1 $(PY) -m pytest -q tests/architecture tests/config/test_env.py

lock: $(VENV)/.development ## Resolve the requirements anew
	@for name in base embedded dev uv; do \
	  $(PY) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	    requirements/$$name.in -o requirements/$$name.txt || exit 1; done

$(VENV)/.runtime: $(RUNTIME) requirements/install
	@PYTHON="$(PYTHON)" sh requirements/install $(VENV) $(RUNTIME)
	@touch $@

$(VENV)/.development: $(DEVELOPMENT) requirements/install
	@PYTHON="$(PYTHON)" sh requirements/install $(VENV) $(DEVELOPMENT)
	@touch $@ $(VENV)/.runtime
