# Two commands from a clean clone: `make run` and `make test`.
.DEFAULT_GOAL := help
PY      := .venv/bin/python
STAMP   := .venv/.installed
ONCE    ?=
OUTLETS ?=

.PHONY: help run test test-fast check docs bench lock format clean

help:  ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@test -x .venv/bin/pip || { echo "Making .venv from requirements.lock (a few minutes, once) …"; python3 -m venv .venv; }
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@.venv/bin/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $(STAMP)

run: $(STAMP)  ## Start everything; ONCE=1 ends after the first slot; OUTLETS=world for real outlets
	@$(if $(OUTLETS),PRESSLAKE_OUTLETS=$(OUTLETS)) .venv/bin/presslake run $(if $(ONCE),--once)

test: $(STAMP)  ## The whole test suite
	@$(PY) -m pytest -n 2 --dist loadfile

test-fast: $(STAMP)  ## The tests that start no servers or processes
	@$(PY) -m pytest -m "not slow" -n 2

check: $(STAMP)  ## Lint, types, import contracts, docs
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@$(PY) -m tests.docs_check

docs: $(STAMP)  ## Print docs/ pages from the code
	@$(PY) -m presslake.reference

bench: $(STAMP)  ## Measure, beside peers; writes docs/benchmarks.md
	@$(PY) -m tests.bench

format: $(STAMP)  ## Format and mend what the linter can
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

lock:  ## Renew requirements.lock (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --group dev --no-annotate --no-header pyproject.toml -o requirements.lock

clean:  ## Remove .venv and all state
	@rm -rf .venv .presslake build *.egg-info
