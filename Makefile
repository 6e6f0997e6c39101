# make run    the whole set-up and the main job on real data
# make test   the whole set-up and all checks and tests
SHELL := /bin/sh
BIN := .venv/bin
READY := .venv/.ready

.PHONY: run test check bench clean

run: $(READY)
	$(BIN)/partnersim

test: check
	$(BIN)/python -m pytest -n auto

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python -m benchmarks.speed

# Installed anew whenever the list of requirements changes.
$(READY): pyproject.toml
	tools/make_environment .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(READY)

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
