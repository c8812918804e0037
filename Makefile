# What a person types. Everything needs python3, make and sh alone; the rest is installed into .venv.

PYTHON ?= python3
VENV := .venv/bin
MANAGE := $(VENV)/python manage.py

.DEFAULT_GOAL := help
.PHONY: help run demo-ai setup setup-dev test test-api test-exports fuzz lint fmt bench requirements clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '%-20s %s\n' "$$name" "$$text"; done

run: ## Install what is missing and serve the product on http://127.0.0.1:8000 (PORT, HOST, VIBECRM_HOME)
	@exec $(PYTHON) -m vibecrm.supervisor run

demo-ai: setup ## Serve the product with a stand-in for Claude, to watch drafts stream without an API key (PORT)
	@exec env VIBECRM_HOME="$${VIBECRM_HOME:-.vibecrm/demo-ai}" \
		$(VENV)/python -m tests.fakes.anthropic -- $(PYTHON) -m vibecrm.supervisor run

setup: ## Install the product into .venv
	@$(PYTHON) -m vibecrm.supervisor setup

setup-dev:
	@$(PYTHON) -m vibecrm.supervisor setup --dev

test: setup-dev ## Run all the tests; ARGS are pytest's (the browser tests need Chromium on the machine)
	@$(VENV)/pytest --numprocesses auto --dist loadgroup $(ARGS)

test-exports: setup-dev ## Install, check, build, load and walk every export of every schema (takes a while)
	@$(VENV)/python -m pytest -m exports -n auto --dist loadgroup $(ARGS)

API_REQUESTS ?= 3000

test-api: setup-dev ## Send thousands of requests made from the OpenAPI documents (API_REQUESTS: how many)
	@API_REQUESTS=$(API_REQUESTS) $(VENV)/pytest --timeout 3600 $(ARGS) tests/test_api_contract.py

FUZZ_CASES ?= 20000
FUZZ_START ?= $(shell date +%s)

fuzz: setup-dev ## Compare provisioning with itself in random cases (FUZZ_CASES, FUZZ_START: the first seed)
	@echo "$(FUZZ_CASES) cases from seed $(FUZZ_START) on"
	@FUZZ_CASES=$(FUZZ_CASES) FUZZ_START=$(FUZZ_START) $(VENV)/pytest -n auto --timeout 0 $(ARGS) \
		tests/provisioning/differential/test_differential.py

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

bench: setup-dev ## Measure the speed of records, provisioning and exports against the floor
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
