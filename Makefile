# make lab    open the course in JupyterLab
# make test   run every check
# Each makes .venv first when it has to; both are fast the second time.

PYTHON  ?= python3
BIN     := .venv/bin
PIP     := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
WORKERS ?= 2
LANGUAGE_OPTION := $(if $(LANG_COURSE),--lang $(LANG_COURSE))
JAVASCRIPT := tests/server/clients/javascript
NOTEBOOKS = $(wildcard notebooks/en/*.ipynb notebooks/zh-TW/*.ipynb)

.DEFAULT_GOAL := help
.PHONY: help lab test lint unit notebooks site bench fuzz pictures constraints clean

help:
	@sed -n '1,3s/^# //p' Makefile
	@echo "Also: make lint | site | bench | fuzz | pictures | notebooks | constraints | clean"

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "k8scourse needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv .venv

# A stamp per purpose: a learner installs the lab only. The build tools come first, so that they too are pinned.
.venv/.lab: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) hatchling editables
	$(PIP) --no-build-isolation --editable '.[lab]'
	@touch $@

.venv/.all: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) hatchling editables
	$(PIP) --no-build-isolation --editable '.[lab,test,site]'
	@touch $@ .venv/.lab

# A client in JavaScript is among the tests, where there is npm.
$(JAVASCRIPT)/node_modules: $(JAVASCRIPT)/package-lock.json
	npm ci --prefix $(JAVASCRIPT) --ignore-scripts --no-audit --no-fund
	@touch $@

lab: .venv/.lab
	$(BIN)/k8scourse lab $(LANGUAGE_OPTION)

# Quick checks first; the tests build the site too, strictly.
test: lint unit

lint: .venv/.all
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

unit: .venv/.all $(if $(shell command -v npm),$(JAVASCRIPT)/node_modules)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --nbval tests $(NOTEBOOKS)

site: .venv/.all
	$(BIN)/python tools/build_site.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict  # --quiet would hide the warnings from --strict

bench: .venv/.all
	$(BIN)/python -m bench | $(BIN)/python tools/put_bench.py README.md

# A hundred thousand damaged requests; the tests send two thousand of them.
fuzz: .venv/.all
	$(BIN)/python -m bench.fuzz_requests

pictures: .venv/.all
	$(BIN)/python tools/make_pictures.py

# Run the notebooks again and store their outputs, in the one form that is committed.
notebooks: .venv/.all
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace $(NOTEBOOKS)
	$(BIN)/python tools/normalize_notebooks.py $(NOTEBOOKS)

constraints: .venv/.all
	$(BIN)/python tools/freeze_constraints.py

clean:
	rm -rf .venv $(JAVASCRIPT)/node_modules .build .cache site build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
