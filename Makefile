PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := .bench-venv

.PHONY: help demo test lint check bench bench-quick clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*##/\1\t/p' $(MAKEFILE_LIST)

demo: $(VENV)/.demo  ## run a weather agent on the real openai SDK over two cassettes, no network
	@$(BIN)/python examples/weather_agent.py

test: $(VENV)/.test  ## run the tests
	@$(BIN)/python -m pytest -q -n 2

lint: $(VENV)/.lint  ## check style, formatting and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

check: lint test  ## lint and test

bench: $(BENCH)/.bench  ## compare speed with every other tool, into bench/RESULTS.md; some minutes
	@$(BENCH)/bin/python -m bench

bench-quick: $(BENCH)/.bench  ## the same with the small sizes, printed only; under a minute
	@$(BENCH)/bin/python -m bench --quick

clean:  ## remove what the other targets made
	rm -rf $(VENV) $(BENCH) .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(VENV)/.pip: Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cassette_kit needs Python 3.11 or newer; set PYTHON=")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --upgrade "pip>=25.1"
	@touch $@

$(VENV)/.demo: $(VENV)/.pip pyproject.toml
	@$(BIN)/python -m pip install -q -e ".[httpx2]" --group demo
	@touch $@

$(VENV)/.test: $(VENV)/.pip pyproject.toml
	@$(BIN)/python -m pip install -q -e ".[all]" --group test
	@touch $@

$(VENV)/.lint: $(VENV)/.test pyproject.toml
	@$(BIN)/python -m pip install -q --group lint
	@touch $@

$(BENCH)/.bench: Makefile pyproject.toml
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/python -m pip install -q --upgrade "pip>=25.1"
	@$(BENCH)/bin/python -m pip install -q -e ".[httpx2]" --group bench
	@touch $@
