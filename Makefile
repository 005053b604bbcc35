# 明察 Mingcha: what people type. The work is in `mingcha` itself and in deploy/setup.sh.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
LINES ?= 300000
SEED ?= 1
DETACH ?=
PYTEST_ARGS ?=

.PHONY: help setup demo check test bench bench-gate docs lock clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /\1|/' | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: ## the environment, in .venv; quick when nothing changed
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh deploy/setup.sh

demo: setup ## a sample city, imported, audited and open in the desk (LINES=, SEED=, DETACH=1)
	@$(BIN)/mingcha demo --lines $(LINES) --seed $(SEED) $(if $(DETACH),--detach)

check: setup ## the short suite: style, imports, types, fast tests
	$(BIN)/ruff check
	$(BIN)/lint-imports --no-logo
	$(BIN)/pyright
	$(BIN)/pytest -q -m 'not slow and not browser' $(PYTEST_ARGS)

test: setup ## everything, as CI runs it
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh deploy/setup.sh spark
	$(BIN)/pytest $(PYTEST_ARGS)

bench: setup ## the measured ratios, from one interleaved run (BENCH_ARGS=)
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh deploy/setup.sh spark bench
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

bench-gate: setup ## the gate: in process, over HTTP beside a bare echo, at a constant rate, overloaded, reloaded
	$(BIN)/python -m benchmarks --only gate $(BENCH_ARGS)

docs: setup ## write the generated pages of docs/reference again
	$(BIN)/python docs/generate.py

lock: ## resolve the dependencies of pyproject.toml again (needs uv)
	uv pip compile pyproject.toml --group dev --generate-hashes --universal --no-header --no-emit-index-url --no-annotate -q -o requirements.lock
	uv pip compile --group spark --generate-hashes --universal --no-header --no-emit-index-url --no-annotate -q -o deploy/spark.lock
	uv pip compile --group bench --generate-hashes --universal --no-header --no-emit-index-url --no-annotate -q -o deploy/bench.lock
	uv pip compile --group node --generate-hashes --universal --no-header --no-emit-index-url --no-annotate -q -o deploy/node.lock

clean: ## remove the environment and what was built; never a home with data
	rm -rf $(VENV) node_modules dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache src/mingcha/desk/static/vendor
