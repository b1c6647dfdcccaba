# `make run` rehearses both trials; `make test` checks everything. Both set up what they need.

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python

.PHONY: run test docs lock clean

run: .venv/run.done
	@$(BIN)/trialwright rehearse studies/il2-sle-dose-finding/study.yaml --seed 2019 --out out/il2-sle-dose-finding
	@$(BIN)/trialwright rehearse studies/il2-sle-infection/study.yaml --seed 2016 --out out/il2-sle-infection

test: .venv/test.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 2

# Reference pages that are made from the code.
docs: .venv/run.done
	$(BIN)/python -m trialwright.protocol.schema > docs/reference/study.schema.json
	$(BIN)/python -m trialwright.protocol.reference > docs/reference/study-file.md
	$(BIN)/python -m trialwright.simulation.page > docs/reference/scenarios.md
	$(BIN)/python -m trialwright.sle.pages docs/reference/instruments
	$(BIN)/python -m trialwright.stats.pages docs/reference/statistics

# The lock files hold exact versions and hashes, and no registry's address.
lock: .venv/uv.done
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --python-version 3.11 --extra test -c requirements/run.txt pyproject.toml -o requirements/test.txt

clean:
	rm -rf .venv out

.venv/uv.done: requirements/uv.txt
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/run.done: .venv/uv.done requirements/run.txt pyproject.toml
	@$(INSTALL) --require-hashes -r requirements/run.txt
	@$(INSTALL) --no-deps --editable .
	@$(BIN)/python -m compileall -q src
	@touch $@

.venv/test.done: .venv/run.done requirements/test.txt
	@$(INSTALL) --require-hashes -r requirements/test.txt
	@command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium)
	@touch $@
