# Everything here sets itself up: python3 (3.11 or newer) and make are enough.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SUITE := $(BIN)/python -m pytest -n auto --dist loadgroup -q -m "not quiet"
# The rest is run by the tests of the whole app, which take twice as long when they are measured.
ENGINE := ccflow_tui/config/*,ccflow_tui/demo/*,ccflow_tui/files/*,ccflow_tui/library/*,ccflow_tui/models/*,ccflow_tui/oauth/*,ccflow_tui/services/*
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install --constraint constraints.txt

.PHONY: help demo run test coverage test-slow lint format snapshots picture benchmark clean

help:  ## show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.installed  ## open the wizard against the embedded authorization server
	@$(BIN)/ccflow --demo

run: $(VENV)/.installed  ## open the wizard with your own settings
	@$(BIN)/ccflow

test: lint  ## run every check and the whole test suite, with the coverage of the engine
	@mkdir -p build
	@$(SUITE) --cov --cov-report=json:build/coverage.json
	@$(BIN)/coverage report --include='$(ENGINE)'
	@$(BIN)/python tests/coverage_floor.py build/coverage.json

coverage: $(VENV)/.installed-test  ## run the whole test suite with the coverage of everything: takes twice as long
	@$(SUITE) --cover-screens --cov --cov-report=term

test-slow: $(VENV)/.installed-test  ## fuzz with 10,000 examples each, kill 200 writes, and look for stalls of the event loop
	@$(BIN)/python -m pytest -q -m quiet tests/hostile
	@$(BIN)/python -m pytest -n auto -q -m fuzz --hypothesis-profile=thorough tests/hostile

lint: $(VENV)/.installed-test  ## check style, types and the import walls
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.installed-test  ## format the code
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

snapshots: $(VENV)/.installed-test  ## take the snapshots of the screens anew
	@$(BIN)/python -m pytest -q tests/ui/test_snapshots*.py --snapshot-update

picture: $(VENV)/.installed-test  ## make the README's picture anew
	@$(BIN)/python docs/make_picture.py

benchmark: $(VENV)/.installed-test  ## measure the engine beside its floor
	@$(BIN)/python -m benchmarks

clean:  ## remove everything that is made
	rm -rf $(VENV) build dist .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis snapshot_report.html

$(VENV)/.python: 
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "ccflow needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "This python3 cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.installed: $(VENV)/.python pyproject.toml constraints.txt
	@echo "Setting up (once, about half a minute) ..."
	@$(PIP) --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed pyproject.toml constraints.txt
	@echo "Installing the test tools (once) ..."
	@$(PIP) --editable '.[test]'
	@touch $@
