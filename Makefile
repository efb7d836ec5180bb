# Everything does its own set-up; a second run finds it done. `make help` says what there is.
PYTHON ?= python3
HTTP_PORT ?=
MQTT_PORT ?=
DATA ?=
TESTS ?=
BENCH ?=
JOBS ?= 3

BIN := .venv/bin
STEP := @.ci/step
PIP := $(BIN)/pip install --no-input --disable-pip-version-check --quiet
UP := $(if $(HTTP_PORT),--http-port $(HTTP_PORT)) $(if $(MQTT_PORT),--mqtt-port $(MQTT_PORT)) $(if $(DATA),--data "$(DATA)")
SCREENS := $(wildcard api/screens/package.json)
SCREEN_SOURCES := $(if $(SCREENS),$(shell find api/screens -type f -not -path '*/node_modules/*' -not -path '*/dist/*' | grep -v ' '))

# a virtual environment that was moved, or whose Python has gone, is made anew
MOVED := $(shell [ "$$(cat .made/venv 2>/dev/null)" = "$(CURDIR)" ] && .venv/bin/python -c '' 2>/dev/null || rm -f .made/venv)

.DELETE_ON_ERROR:
.PHONY: help demo test faults bench brokers pictures check lock schema screens setup servers browser clean

help:
	@echo "make demo     a district, its sensors and its screens, running; HTTP_PORT= MQTT_PORT= DATA= choose others"
	@echo "make test     every test; TESTS=tests/unit for some, JOBS= how many at once"
	@echo "make brokers  FireGrid on other MQTT brokers of Debian's packages, fetched aside; BROKERS=rabbitmq chooses"
	@echo "make faults   each fault in its full length, and what it has shown into docs/benchmarks.md (half an hour)"
	@echo "make bench    speed, memory and latency of ingest into docs/benchmarks.md; BENCH=quick, or BENCH='--only alarm'"
	@echo "make pictures each page in each state, by the tests of the screens, into docs/pictures"
	@echo "make check    format, lint, types, import contracts"
	@echo "make lock     the lock files anew from pyproject.toml"
	@echo "make schema   tests/wire/schema.txt anew from the migrations"
	@echo "make screens  the screens, built"
	@echo "make clean    what the set-up made is gone (data of the demo stays)"

demo: setup
	@exec $(BIN)/firegrid up --demo $(UP)

# some two hundred processes are started, each of which would compile every module anew where no bytecode is kept
test: setup servers browser
	@exec env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder $(TESTS)

faults: setup servers
	@exec $(BIN)/pytest -q --full --record docs/benchmarks.md $(or $(FAULTS),tests/faults)

bench: setup servers
	@PYTHONPATH=tests/support exec $(BIN)/python tests/bench $(BENCH)

brokers: setup servers
	@exec $(BIN)/python tests/bench/brokers.py $(BROKERS)

pictures: setup servers browser
	@FIREGRID_PICTURES=docs/pictures exec $(BIN)/pytest -q tests/screens

check: setup
	@status=0; \
	.ci/step "Format" $(BIN)/ruff format --check . || status=1; \
	.ci/step "Lint" $(BIN)/ruff check . || status=1; \
	.ci/step "Types" $(BIN)/mypy || status=1; \
	.ci/step "Import contracts" $(BIN)/lint-imports || status=1; \
	if grep -qs '"check"' api/screens/package.json; then .ci/step "Screens' types" .ci/screens $(PYTHON) check || status=1; fi; \
	exit $$status

setup: .made/packages $(if $(SCREENS),.made/screens)
	@:

screens: $(if $(SCREENS),.made/screens)
	@:

.made/venv:
	@mkdir -p .made
	$(STEP) "Virtual environment" .ci/venv $(PYTHON) .venv
	@echo "$(CURDIR)" >$@

.made/packages: requirements.lock pyproject.toml .made/venv
	$(STEP) "Python packages" $(PIP) --only-binary :all: --require-hashes -r requirements.lock
	$(STEP) "FireGrid itself" $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.made/screen-packages: api/screens/package-lock.json
	@mkdir -p .made
	$(STEP) "Packages of the screens" .ci/screens $(PYTHON) install
	@touch $@

.made/screens: .made/screen-packages $(SCREEN_SOURCES)
	$(STEP) "Screens" .ci/screens $(PYTHON) build
	@touch $@

servers: .made/packages
	@$(BIN)/python -m runtime.servers

# root gets what the screens' tests need; for others those tests say what they miss
browser:
	@if [ -d tests/screens ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		missing=; \
		command -v chromium >/dev/null || missing=chromium; \
		[ -d /usr/share/fonts/opentype/noto ] || missing="$$missing fonts-noto-cjk"; \
		[ -z "$$missing" ] || .ci/step "Chromium and fonts, for the screens' tests" .ci/apt $$missing || true; \
	fi

lock: .made/packages
	$(STEP) "Lock file of Python packages" .ci/lock requirements.lock pyproject.toml --extra dev
	$(STEP) "Lock file of Node's wheel" .ci/lock .ci/node.lock .ci/node.in

schema: setup servers
	@$(BIN)/pytest -q --write-schema tests/wire/test_runtime_schema.py

clean:
	rm -rf .venv .made api/static api/screens/node_modules
