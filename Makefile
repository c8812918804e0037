# What a person types. Everything needs python3, make and sh alone; the rest is installed into .venv.

PYTHON ?= python3
VENV := .venv/bin
MANAGE := $(VENV)/python manage.py

.DEFAULT_GOAL := help
.PHONY: help run setup setup-dev test lint fmt bench requirements clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '%-20s %s\n' "$$name" "$$text"; done

run: ## Install what is missing and serve the product on http://127.0.0.1:8000 (PORT, HOST, VIBECRM_HOME)
	@exec $(PYTHON) -m vibecrm.supervisor run

setup: ## Install the product into .venv
	@$(PYTHON) -m vibecrm.supervisor setup

setup-dev:
	@$(PYTHON) -m vibecrm.supervisor setup --dev

test: setup-dev ## Run all the tests; ARGS are pytest's (the browser tests need Chromium on the machine)
	@$(VENV)/pytest $(ARGS)

lint: setup-dev ## Check style, types, the direction of imports, and that no migration is missing
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports
	@$(MANAGE) makemigrations --check --dry-run
	@$(MANAGE) check

fmt: setup-dev ## Format the code and put right what ruff can
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .

bench: setup-dev ## Measure the speed of records and provisioning against the floor
	@$(VENV)/python -m benchmarks

requirements: setup-dev ## Pin the newest versions that requirements*.in allow
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check uv
	@for name in requirements requirements-dev; do \
		UV_CUSTOM_COMPILE_COMMAND="make requirements" $(VENV)/uv pip compile --quiet --no-emit-index-url \
			--universal --python-version 3.11 --upgrade $$name.in --output-file $$name.txt || exit 1; \
	done

clean: ## Delete what can be made again; the data in .vibecrm stay
	@rm -rf .venv test-results .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
