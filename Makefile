# Everything a person needs: `make demo` to try it, `make test` to prove it.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Tests write thousands of databases and keep none: memory spares them the disk, where there are 4 GB of it.
MEMORY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4000000 { print "/dev/shm" }')

.PHONY: help demo test check fast bench lock format clean

help: ## Show what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("RelexBooking needs Python 3.11 or newer, this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 demo") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/developing: requirements-dev.lock .venv/installed
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

demo: .venv/installed ## Install, start on http://127.0.0.1:8000 with a believable data set
	$(BIN)/relexbooking demo

check: .venv/developing ## Format, lint, types, architecture
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fast test: export TMPDIR := $(or $(TMPDIR),$(MEMORY),/tmp)

fast: .venv/developing ## The fast tier: unit and contract tests on memory and SQLite
	$(BIN)/pytest -n 2 -m "not browser and not dynamo and not postgres and not slow"

test: check ## Everything: check, then all tests, with a real PostgreSQL and DynamoDB Local
	$(BIN)/pytest -n 2
	RELEX_TEST_DYNAMO=moto $(BIN)/pytest -n 2 -m "dynamo and not slow" tests/integration/aws

bench: .venv/developing ## Rates and ratios, measured side by side in one run
	$(BIN)/python -m bench

format: .venv/developing ## Put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## Pin the newest versions again, each by its hash (needs uv)
	uv pip compile --universal --upgrade --python-version 3.11 --generate-hashes --no-annotate --no-header --extra install -q pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --extra install --extra aws -c requirements.lock -q pyproject.toml -o requirements-aws.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --extra install --extra dev -c requirements-aws.lock -q pyproject.toml -o requirements-dev.lock

clean: ## Remove the environment and the demo's data
	rm -rf .venv var
