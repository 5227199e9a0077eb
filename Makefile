# Nothing but Python 3.11 or newer and make is needed. Every target can be run again and again: what is up to date is left alone.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
DONE := .venv/done
ANALYTICS := $(shell find src/towpath/analytics -name '*.py')

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Without bytecode on disk every process would compile all packages anew: seconds each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup ready run test soak bench truth lint types contracts smoke browser format lock assets messages snapshots clean
.DELETE_ON_ERROR:

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

# Two that set up at once would write the same files: the second waits, and finds it done.
setup: ## Everything that running needs, in .venv
	@$(PYTHON) scripts/alone.py .setup.lock $(MAKE) --no-print-directory ready

ready: $(DONE)/packages $(DONE)/messages $(DONE)/assets $(DONE)/kernels $(DONE)/bytecode ## What setup does, without waiting for another make

run: setup ## Web server and worker; prints the address and how to sign in (PORT=8000)
	@exec $(BIN)/towpath up --port $(PORT)

test: setup lint types smoke browser ## Lint, types, contracts and all tests
	@sh scripts/test.sh

soak: setup ## The long forms of the tests, minutes each; prints what they counted
	$(BIN)/pytest -m soak

bench: setup $(DONE)/bench ## How fast it is, beside its peers where there are any; more than an hour, prints tables and JSON
	@$(BIN)/python bench/door.py
	@$(BIN)/python bench/known.py
	@$(BIN)/python bench/small_year.py
	@$(BIN)/python bench/journeys.py
	@$(BIN)/python bench/pages.py
	@$(BIN)/python bench/journeys.py --alone --events 100000000
	@$(BIN)/python bench/one_day.py
	@$(BIN)/python bench/sbom.py
	@$(BIN)/python bench/tickets.py
	@$(BIN)/python bench/desk.py
	@$(BIN)/python bench/estate.py

truth: setup ## How right the findings are, on invented companies whose causes are known; minutes, prints a table
	@$(BIN)/python truth/run.py
	@$(BIN)/python truth/topics.py
	@$(BIN)/python truth/desk.py

$(DONE)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Towpath needs Python 3.11 or newer; $(PYTHON) is not. Install one, or name it: make setup PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -m venv .venv || { echo "Python cannot make virtual environments. On Debian: apt-get install python3-venv"; exit 2; }
	@mkdir -p $(DONE)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(DONE)/uv.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r $(DONE)/uv.txt
	@touch $@

$(DONE)/packages: $(DONE)/venv requirements.lock pyproject.toml
	VIRTUAL_ENV=.venv $(BIN)/uv pip sync --quiet requirements.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

assets: $(DONE)/assets ## The browser packages, beside the templates

$(DONE)/assets: $(DONE)/packages package.json package-lock.json scripts/assets.py
	$(BIN)/python scripts/assets.py
	@touch $@

$(DONE)/bench: $(DONE)/packages bench/requirements.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip sync --quiet bench/requirements.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

$(DONE)/messages: $(DONE)/packages $(wildcard src/towpath/locale/*/LC_MESSAGES/django.po) scripts/compile_messages.py
	$(BIN)/python scripts/compile_messages.py
	@touch $@

$(DONE)/kernels: $(DONE)/packages $(ANALYTICS)
	$(BIN)/python -m towpath.analytics.warm
	@touch $@

$(DONE)/bytecode: $(DONE)/packages
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && unset TOWPATH_DATABASE_URL && export TOWPATH_HOME="$$home" && \
	  $(BIN)/towpath --help >/dev/null && $(BIN)/towpath routes >/dev/null
	@touch $@

lint: $(DONE)/packages ## ruff: mistakes and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(DONE)/packages ## mypy --strict
	$(BIN)/mypy

contracts: $(DONE)/packages ## Imports point down
	$(BIN)/lint-imports

smoke: $(DONE)/packages ## A short run on Python 3.13, where it is installed
	@sh scripts/smoke.sh 3.13

browser: ## Chromium for the browser tests, where we may install it
	@sh scripts/browser.sh

format: $(DONE)/packages ## Put the code in the agreed form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: $(DONE)/packages ## Newest allowed Python packages into requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-annotate --no-header --upgrade --quiet -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev --group bench --universal --generate-hashes --no-annotate --no-header --upgrade --quiet -c requirements.lock -o bench/requirements.lock

messages: $(DONE)/packages ## Texts for people into src/towpath/locale (needs GNU gettext)
	@sh scripts/messages.sh

snapshots: $(DONE)/packages ## docs/commands.md, docs/openapi.json and docs/routes.md, made from the code
	@sh scripts/snapshots.sh

clean: ## Forget what set-up made (the data in TOWPATH_HOME stays)
	rm -rf .venv node_modules src/towpath/foundation/ui/static/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
