# Everything is set up by itself: each target that needs it makes .venv first. ARGS="..." is passed on, PYTHON=... chooses an interpreter.
BIN := .venv/bin
ARGS ?=
export PYTHON
# programs are started many times, by tests and by people: what Python compiled once it keeps
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo serve browser test usability browser-trades walk why-not conformance extremes killed variants thorough check format bench schemas typescript lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## make .venv with exactly what requirements.lock names; the others do it when it is needed
	@sh .ci/install

demo: install ## a whole trade in front of you, then its portal: an address, and people of every role to sign in as
	@$(BIN)/tradeflow demo $(ARGS)

serve: install ## a hub of your own on this machine
	@$(BIN)/tradeflow serve $(ARGS)

browser: install ## a Chromium for the tests of pages, if one can be had
	@sh .ci/browser

test: browser ## all tests, on real servers of PostgreSQL and Valkey, a pair for each worker, and a real Chromium
	@$(BIN)/pytest -q -n logical --maxprocesses 8 --dist loadfile --no-loadscope-reorder $(ARGS)

usability: browser ## measure in Chromium what the exporter's part of a trade costs in clicks and fields: writes docs/usability.md anew
	@TRADEFLOW_USABILITY=1 $(BIN)/pytest -q -n0 tests/portal/test_whole_trades.py -k letter_of_credit $(ARGS)

browser-trades: browser ## two whole trades in Chromium, every step of every role by clicking; `make test` does a part of them so
	@TRADEFLOW_BROWSER_TRADES=1 $(BIN)/pytest -q -n 2 tests/portal/test_whole_trades.py $(ARGS)

walk: install ## 100,000 random steps of the process machine against a second, plain reading of its tables
	@TRADEFLOW_WALK_STEPS=$${TRADEFLOW_WALK_STEPS:-100000} $(BIN)/pytest -q -n0 tests/unit/test_machine_reference.py $(ARGS)

why-not: install ## every message asked why it is not taken, in every state of every region; `make test` asks a part of them
	@TRADEFLOW_WHY_NOT_STRIDE=1 $(BIN)/pytest -q tests/unit/test_why_not.py $(ARGS)

conformance: install ## the conformance kit against our own simulator, in every role and every scenario, or in those that TRADEFLOW_CONFORMANCE names; `make test` plays one of each role
	@TRADEFLOW_CONFORMANCE="$${TRADEFLOW_CONFORMANCE:-1}" $(BIN)/pytest -q tests/scenario/test_conformance.py -k every_role $(ARGS)

extremes: install ## every value of every message at its ends, through every rule; `make test` takes a part of them
	@TRADEFLOW_EXTREMES_STRIDE=1 $(BIN)/pytest -q -n logical tests/unit/test_rules_extremes.py $(ARGS)

killed: install ## the demo killed at ten moments and started again; `make test` takes one
	@TRADEFLOW_CHAOS_SEEDS=1,2,3,4,5,6,7,8,9,10 $(BIN)/pytest -q -n0 tests/chaos/test_demo_killed.py $(ARGS)

variants: install ## whole trades on every channel, in every format and wire form, every moment of a crash, many strange calls; `make test` takes some
	@TRADEFLOW_VARIANTS=1 TRADEFLOW_FUZZ_ROUNDS=200 $(BIN)/pytest -q -n 2 --dist loadfile tests/channels tests/scenario tests/chaos tests/http/test_fuzz.py $(ARGS)

thorough: walk why-not conformance extremes killed variants browser-trades ## what takes too long for every change: all of which `make test` takes a part

check: install ## format, style, types, and every row of content
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/tradeflow check

format: install ## put the code into the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install ## what it costs: one table, and build/bench.json
	@$(BIN)/python -m tests.bench $(ARGS)

schemas: install ## publish schemas/ anew from documents/
	@$(BIN)/tradeflow schemas $(ARGS)

typescript: ## types of the API for TypeScript, from a hub that runs (TRADEFLOW_URL); needs Node.js
	@mkdir -p build
	npx --yes -p typescript@5.9.3 -p openapi-typescript@7.13.0 openapi-typescript $${TRADEFLOW_URL:-http://127.0.0.1:8080}/openapi.json -o build/tradeflow.d.ts

lock: install ## resolve requirements.lock anew from pyproject.toml
	@$(BIN)/python -m pip install --quiet --upgrade --target build/uv uv
	@header=$$(head -1 requirements.lock); \
	build/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --extra dev --no-header --no-annotate \
	    --upgrade --output-file build/requirements.lock pyproject.toml > /dev/null && \
	{ echo "$$header"; cat build/requirements.lock; } > requirements.lock

clean: ## remove what was built or installed here; the data of a hub stays
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find tradeflow adapters tests -name __pycache__ -prune -exec rm -rf {} +
