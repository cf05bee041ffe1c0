# make demo: see it work. make test: everything that must hold. Both set up what they need on Debian by themselves.

PORT ?= 8080
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint types imports units bench soak browser pooler clean

demo: $(VENV)/.installed
	$(BIN)/branchbot demo --port $(PORT)

test: lint types imports units

lint: $(VENV)/.tested
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.tested
	$(BIN)/mypy bot handlers storage

imports: $(VENV)/.tested
	$(BIN)/lint-imports

units: $(VENV)/.tested browser pooler
	$(BIN)/python -m pytest -q -n 3 --dist worksteal

bench: $(VENV)/.tested
	$(BIN)/python -m benchmarks

soak: $(VENV)/.tested
	$(BIN)/python -m pytest -q -s tests/soak/*.py

browser:
	@sh tools/system-packages.sh chromium

pooler:
	@sh tools/system-packages.sh pgbouncer

$(VENV)/bin/python:
	@sh tools/system-packages.sh venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e .
	@touch $@

$(VENV)/.tested: $(VENV)/bin/python pyproject.toml requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[test]'
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build *.egg-info
