# Everything a developer does here. Needs Python 3.11 or later, git and make; the first target that
# needs it sets up .venv from the locked requirements, once, and again when they change.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
BIN := .venv/bin
READY := .venv/.ready
TESTS ?= tests

.DEFAULT_GOAL := help
.PHONY: help demo test lint faults bench campaigns mutants scale accuracy lock samples docs clean

help:
	@echo "make demo     scan an example and write its reports to reports/"
	@echo "make test     check style and types, and run the tests"
	@echo "make lint     check style and types"
	@echo "make faults   let every call of an audit of AWS fail in every way (some minutes)"
	@echo "make bench    measure speed"
	@echo "make campaigns  judge generated conditions by the ten thousand (some ten minutes)"
	@echo "make mutants  break the evaluator in every place, and see which tests notice (some minutes)"
	@echo "make scale    measure what reports of 60,000 failures cost to write"
	@echo "make accuracy measure how right the rules on source code are"
	@echo "make samples  write reports/samples again"
	@echo "make docs     write docs/policies again"
	@echo "make lock     resolve the requirements again (needs uv)"
	@echo "make clean    remove what the other targets made"

demo: $(READY)
	@$(BIN)/policyscan scan examples/trading-desk --config examples/policyscan.yaml -o console \
		-o html=reports/demo.html -o json=reports/demo.json -o junit=reports/demo.xml \
		-o sarif=reports/demo.sarif || test $$? -eq 1
	@echo
	@echo "Exit code 1 is right here: the example has failures that block, on purpose."
	@echo "What each is for: examples/README.md. The report to look at: reports/demo.html"

test: lint
	@$(BIN)/python -m pytest -q -n auto $(TESTS)

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

faults: $(READY)
	@FAULTS=all $(BIN)/python -m pytest -q -n auto tests/live/test_faults.py

bench: $(READY)
	@$(BIN)/python -m bench

campaigns: $(READY)
	@$(BIN)/python -m tests.campaigns

mutants: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements/mutants.lock
	@$(BIN)/python -m tests.mutants

scale: $(READY)
	@$(BIN)/python -m bench.reports

accuracy: $(READY)
	@$(BIN)/python -m tests.accuracy

samples: $(READY)
	@$(BIN)/python scripts/samples.py

docs: $(READY)
	@$(BIN)/policyscan policy docs

lock: UV := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate
lock:
	@command -v uv >/dev/null || { echo "make lock needs uv: pipx install uv"; exit 1; }
	@$(UV) pyproject.toml --output-file requirements/runtime.lock
	@$(UV) pyproject.toml --all-extras --constraint requirements/runtime.lock \
		--output-file requirements/all.lock
	@echo hatchling | $(UV) - --constraint requirements/all.lock \
		--output-file requirements/build.lock
	@$(UV) pyproject.toml --all-extras --group dev --constraint requirements/all.lock \
		--constraint requirements/build.lock --output-file requirements/dev.lock
	@$(UV) --group mutants --constraint requirements/dev.lock \
		--output-file requirements/mutants.lock

clean:
	@rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis reports/demo.*
	@find policyscan tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements/dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "policyscan needs Python 3.11 or later, and found none"; exit 1; }
	@echo "setting up .venv with $$($(PYTHON) --version) (once)"
	@$(PYTHON) -m venv .venv || { echo "on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements/dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation -e .
	@touch $@
