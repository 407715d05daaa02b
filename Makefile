# Everything runs in .venv, which the first target that needs it makes.
# A fresh machine needs Python >= 3.11, make and git; nothing else.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALLED := $(VENV)/.installed
DEVELOPMENT := $(VENV)/.development
# Programs of others that check what we publish: they want other versions of our dependencies, so they live apart.
OUTSIDE := .outside
# Workers of pytest-xdist; `make test WORKERS=0` runs in one process, ARGS adds to the command line of pytest.
WORKERS ?= auto
ARGS ?=

.PHONY: help demo test outside lint bench docs wheel clean

help:
	@echo "make demo    shipped executions: ingest, validate, compare, ask; a run from several sources"
	@echo "make test    the tests (WORKERS=0: in one process; ARGS='-k name': some of them)"
	@echo "make outside the programs of others that some of the tests ask, in $(OUTSIDE); those tests are skipped without"
	@echo "make lint    ruff, mypy --strict, import-linter"
	@echo "make bench   the measurements behind the numbers in the documentation"
	@echo "make docs    reference of the ontology and of the command line"
	@echo "make wheel   the package, in dist/"
	@echo "make clean   remove what these targets made"

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "no Python >= 3.11 found: install one, or say make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "$(PYTHON) can't make a virtual environment: on Debian and Ubuntu, apt-get install python3-venv" >&2; exit 1; }

# pip 25.1 is the first that knows --group.
$(INSTALLED): pyproject.toml | $(BIN)/python
	@echo "installing recup-kg into $(VENV) ..."
	@$(PIP) install --quiet --upgrade "pip>=25.1"
	@$(PIP) install --quiet --editable '.[darshan,pandas,plots,prov,results]'
	@touch $@

$(DEVELOPMENT): $(INSTALLED)
	@echo "installing the tools for tests and checks into $(VENV) ..."
	@$(PIP) install --quiet --group test --group lint
	@touch $@

demo: $(INSTALLED)
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh docs/demo.sh

# Validators from PyPI, and where there is npm those from there.
$(OUTSIDE)/.installed: tests/outside/requirements.txt tests/outside/package.json tests/outside/package-lock.json | $(BIN)/python
	@echo "installing the programs of others into $(OUTSIDE) ..."
	@$(PYTHON) -m venv $(OUTSIDE)
	@$(OUTSIDE)/bin/python -m pip --disable-pip-version-check install --quiet -r tests/outside/requirements.txt
	@if command -v npm >/dev/null; then cp tests/outside/package.json tests/outside/package-lock.json $(OUTSIDE)/ && \
	  npm ci --prefix $(OUTSIDE) --ignore-scripts --no-audit --no-fund --loglevel=error; \
	else echo "no npm: tests that need Comunica or rdf-test-suite will be skipped"; fi
	@touch $@

outside: $(OUTSIDE)/.installed

test: $(DEVELOPMENT)
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

lint: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(DEVELOPMENT)
	$(BIN)/python -m benchmarks

docs: $(DEVELOPMENT)
	@$(PIP) install --quiet --group docs
	$(BIN)/python docs/make_cli.py
	$(BIN)/python docs/make_context.py
	$(BIN)/python docs/make_metrics.py
	$(BIN)/python docs/make_queries.py
	$(BIN)/python docs/make_readme.py
	$(BIN)/python docs/make_reference.py

wheel: | $(BIN)/python
	@$(PIP) wheel --quiet --no-deps --wheel-dir dist .
	@ls dist/*.whl

clean:
	rm -rf $(VENV) $(OUTSIDE) dist recup-store demo-store demo-store-report.html .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
