# make run    the whole set-up and the main job on real data
# make test   the whole set-up and all checks and tests
# make page   the workshop page, which `partnersim serve` shows: needs Node or a way to get it
# make reproduce   the whole set-up and all shipped experiments, checked against their findings
# make site   the documentation as a site that opens from disk: site/index.html
SHELL := /bin/sh
# Packages are compiled once, not at every start.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
RUNS := .venv/.runs
TESTS := .venv/.tests
SITE := .venv/.site
SLOW := .venv/.slow
# Without compiled files of all packages, which are made when they are used.
PIP := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check
LOCKED := $(PIP) --require-hashes --requirement
# The tools that keep the list of requirements have an environment of their own.
UPKEEP := .venv/upkeep

.PHONY: run test check page browser bench slow reproduce experiments site dist lock audit clean

run: $(RUNS)
	$(BIN)/partnersim

# Each process begins with a stretch of tests: neighbours share what they are about. There is one more
# than processors, because tests of the page wait for the browser.
test: check browser
	$(BIN)/python -m pytest -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist worksteal

check: $(TESTS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/check_words.py

page: $(RUNS)
	$(BIN)/python tools/build_page.py

# What cannot be had here is told in one line at the end of the tests.
browser: $(TESTS)
	$(BIN)/python tools/build_page.py || true
	tools/make_browser "$(LOCKED) requirements/browser.txt"

bench: $(TESTS)
	$(BIN)/python -m benchmarks

reproduce: $(RUNS)
	$(BIN)/partnersim reproduce --all

# Run anew what the experiments find and write it down, with figures and documents.
experiments: $(RUNS)
	-$(BIN)/partnersim reproduce --all
	$(BIN)/python tools/write_experiments.py

# All tests: also what goes wrong on real machines, done on purpose, and what is compared with other
# programs or asks for packages that few need.
slow: $(SLOW) browser
	$(BIN)/python -m pytest -m "slow or not slow" --all-trials
	$(BIN)/python tools/write_docs.py

site: $(SITE)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	$(BIN)/python -m pytest tests/test_site.py
	@echo "site/index.html opens in any browser, without a network"

# Wheel and source archive, equal wherever and whenever they are made.
dist: $(TESTS) page
	$(BIN)/python -m hatchling build

# Pin requirements anew, with the list of their licences.
lock: $(UPKEEP)/.ready
	tools/lock $(UPKEEP)/bin/uv
	$(UPKEEP)/bin/python tools/write_licences.py

# Known holes in what is pinned.
audit: $(UPKEEP)/.ready
	$(UPKEEP)/bin/python tools/audit.py

# Installed anew whenever a requirement changes: exactly what is pinned, checked by hash. First what
# builds packages, for with hashes pip must not fetch it by itself.
$(RUNS): pyproject.toml requirements/build.txt requirements/run.txt
	tools/make_environment .venv
	$(LOCKED) requirements/build.txt
	$(LOCKED) requirements/run.txt --no-build-isolation
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $(RUNS)

# What only tests need, on top of that.
$(TESTS): $(RUNS) requirements/test.txt
	$(LOCKED) requirements/test.txt --no-build-isolation
	touch $(TESTS)

# What few need, on top of that.
$(SITE) $(SLOW): .venv/.%: $(TESTS) requirements/%.txt
	$(LOCKED) requirements/$*.txt
	touch $@

$(UPKEEP)/.ready: requirements/upkeep.txt
	tools/make_environment $(UPKEEP)
	$(UPKEEP)/bin/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes --requirement requirements/upkeep.txt
	touch $@

clean:
	rm -rf .venv build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		page/node_modules src/partnersim/page/static
