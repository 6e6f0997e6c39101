# make run    the whole set-up and the main job on real data
# make test   the whole set-up and all checks and tests
# make site   the documentation as a site that opens from disk: site/index.html
SHELL := /bin/sh
BIN := .venv/bin
RUNS := .venv/.runs
TESTS := .venv/.tests
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable

# The page is built when the package is installed.
PAGE := hatch_build.py $(shell find page -path page/node_modules -prune -o -type f -print)

.PHONY: run test check bench site clean

run: $(RUNS)
	$(BIN)/partnersim

test: check
	tools/make_browser
	$(BIN)/python -m pytest -n auto

check: $(TESTS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(TESTS)
	$(BIN)/python -m benchmarks.speed

site: $(TESTS)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict
	@echo "site/index.html opens in any browser, without a network"

# Installed anew whenever the list of requirements changes.
$(RUNS): pyproject.toml $(PAGE)
	tools/make_environment .venv
	$(INSTALL) .
	touch $(RUNS)

# What only tests need, on top of that.
$(TESTS): pyproject.toml $(PAGE)
	tools/make_environment .venv
	$(INSTALL) '.[dev]'
	touch $(RUNS) $(TESTS)

clean:
	rm -rf .venv build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		page/node_modules src/partnersim/page/static
