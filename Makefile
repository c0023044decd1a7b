# Every target sets up what it needs: a .venv of this checkout, pinned by constraints.txt.
PYTHON ?= python3
TORCH ?= torch==2.13.0
BIN = .venv/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
WORKERS ?= 2

.PHONY: help install demo test test-long test-peers test-docs lint types docs check clean

help:
	@echo "make demo        compare update rules on handwritten digits; opens nothing, prints where the page is"
	@echo "make test        all tests (no download, no GPU, no PyTorch)"
	@echo "make install     the library in .venv"
	@echo "make test-peers  agreement with PyTorch (installs $(TORCH); on other machines choose a CPU build first)"
	@echo "make test-long   the full counts of the promises (hours)"
	@echo "make docs        the documentation site in build/site/html, every warning an error"
	@echo "make test-docs   how the site is built (installs its tools)"
	@echo "make check       lint, types, tests, docs: what continuous integration runs"

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) --editable .
	@touch $@

.venv/installed-test: .venv/installed
	$(PIP) --editable '.[test]'
	@touch $@

install: .venv/installed

demo: install
	$(BIN)/chainrule compare --data digits --hidden 100,100 --rules sgd,momentum,adam --inits he,xavier --seeds 5 --epochs 20 --batch-size 32

test: .venv/installed-test
	$(BIN)/python -m pytest -n $(WORKERS)

test-long: .venv/installed-test
	$(BIN)/python -m pytest -m long

test-peers: .venv/installed-test
	$(BIN)/python -c "import torch" 2>/dev/null || $(PIP) "$(TORCH)"
	$(BIN)/python -m pytest -m peers

lint: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed-test
	$(BIN)/mypy

.venv/installed-docs: .venv/installed
	$(PIP) --editable '.[docs]'
	@touch $@

docs: .venv/installed-docs
	$(BIN)/python docs/site/build.py

test-docs: .venv/installed-test .venv/installed-docs
	$(BIN)/python -m pytest -m docs tests/test_site.py

check: lint types test docs test-docs

clean:
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis build
