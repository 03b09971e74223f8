# Everything a person needs: `make help`. Only Python 3.12 or newer and make must be there.
PY := .venv/bin/python
# Folders with source code of ours.
CODE := approvals config core credit_limits customers documents ledger reports tests conftest.py manage.py

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-long format bench stop reset lock
.PHONY: lint lint-style lint-types lint-imports lint-templates lint-django

help: ## Say what there is
	@echo "Affido: make TARGET"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14

setup: ## Make the virtual environment from the locked requirements
	@sh scripts/setup.sh

demo: setup ## Run everything with demo data; Ctrl-C stops it (PORT=8000, HOST=127.0.0.1)
	@$(PY) -m config.demo

test: setup ## Run the tests (ARGS="-k name" is passed on)
	@$(PY) -m pytest $(ARGS)

test-long: setup ## Run the tests that take minutes
	@$(PY) -m pytest -m long $(ARGS)

# Several parts, so that `make -k lint` (as CI does) shows all that is wrong at once.
lint: lint-style lint-types lint-imports lint-templates lint-django ## Check style, types, import rules, templates and migrations

lint-style: setup
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

lint-types: setup
	$(PY) -m mypy $(CODE)

lint-imports: setup
	$(PY) -c "from importlinter.cli import lint_imports_command as main; main()"
	$(PY) -W ignore -m deptry .

lint-templates: setup
	$(PY) -m djlint --quiet --lint $$(git ls-files --cached --others --exclude-standard '*.html')

lint-django: setup
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py check

format: setup ## Rewrite code in the house style
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: setup ## Measure the credit check (BENCH_JSON=path writes the figures)
	@$(PY) manage.py bench

stop: ## Stop the demo and the embedded servers
	@if [ -x $(PY) ]; then $(PY) -m config.demo stop; else echo "Nothing was set up, so nothing runs."; fi

reset: ## Stop, then delete the data directory (demo data, uploads, embedded database)
	@if [ -x $(PY) ]; then $(PY) -m config.demo reset; else echo "Nothing was set up, so there is no data."; fi

lock: setup ## Write requirements*.txt anew from requirements*.in
	$(PY) -m uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.12 --no-emit-index-url --no-header requirements.in -o requirements.txt
	$(PY) -m uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.12 --no-emit-index-url --no-header requirements-dev.in -o requirements-dev.txt
