# The verbs. Each first looks for what it needs (scripts/setup.sh) and is silent when all is there.
#
#   make demo     build, load the replay of Taigu 2022 (invented people), serve it, print address and accounts
#   make run      build and serve ./data without a demo: the first visitor makes the administrator
#   make build    the program with its pages, target/release/quell
#   make web      the pages alone, web/dist
#   make test     everything: formatting, lints, tests on SQLite and PostgreSQL, browser tests
#   make check    the quick part of it: formatting, lints, Rust and web tests
#   make e2e      the browser tests alone
#   make audit    known weaknesses of what it is built from, where a database of them can be reached
#   make crash    the program killed, and its disk cut off, again and again under load (CYCLES=1000 for the figures)
#   make fuzz     every parser against what coverage leads to (RUNS=10000000 for each, PARSER=name for one)
#   make properties   every property of the tests under dice nobody has thrown before (ROUNDS=20)
#   make fuzz-api the whole API asked from its own document, by every role (EXAMPLES=50 for each route)
#   make bench    the figures, each printed with what it is compared to
#   make tamper   100,000 attacks on the journal of each engine, all found and named
#   make dist     an archive of the program, its papers and the list of its parts, with its checksum
#   make clean    what was built (never ./data)
#
# DATA=folder and LISTEN=address:port change where demo and run keep their data and listen.

DATA ?= ./data
TARGET := $(or $(CARGO_TARGET_DIR),target)
QUELL := $(TARGET)/release/quell
SERVE := $(QUELL) serve --data $(DATA) $(if $(LISTEN),--listen $(LISTEN))
# What setup.sh chose: where a fetched Node or Rust is.
WITH := . ./.tools/env &&

WEB_SOURCES := $(shell find web/src web/public web/scripts -type f) \
	web/index.html web/vite.config.ts web/svelte.config.js web/tsconfig.json

.PHONY: help demo run build web test check audit e2e crash fuzz properties fuzz-api tamper bench dist clean setup setup-test

help:
	@sed -n 's/^#   \(make .*\)/\1/p' Makefile

setup:
	@scripts/setup.sh build

setup-test:
	@scripts/setup.sh test

# npm writes this file last, so it is as new as the last complete installation.
web/node_modules/.package-lock.json: web/package-lock.json | setup
	@echo "Fetching what the pages are made of"
	@$(WITH) cd web && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES) | setup
	@echo "Building the pages"
	@$(WITH) cd web && npm run --silent build -- --logLevel error

web: web/dist/index.html

# The pages come first: the program carries them.
build: web
	@$(WITH) cargo build --release -p quell

demo: build
	@[ ! -e $(DATA)/quell.db ] || \
		echo "Serving $(DATA) as it was. A new password: $(QUELL) account reset LOGIN --data $(DATA)"
	@exec $(SERVE) --demo taigu-2022

run: build
	@exec $(SERVE)

test: setup-test
	@$(WITH) exec scripts/test.sh

check: web
	@$(WITH) cargo fmt --check
	@$(WITH) cargo clippy --workspace --all-targets -- -D warnings
	@$(WITH) cargo test --workspace
	@$(WITH) cd web && npm run --silent check && npm test --silent

audit: setup
	@$(WITH) scripts/audit.sh

e2e: setup-test web
	@$(WITH) cargo build -p quell
	@$(WITH) cd web && npm run --silent e2e

# In memory when there is such a place: a killed process keeps its pages there as on any disk, and a cut of the power is made
# in the file system above it.
crash: setup-test
	@$(WITH) cargo build -p quell -p crash
	@$(WITH) $(TARGET)/debug/crash --bin $(TARGET)/debug/quell --room $(or $(wildcard /dev/shm),$(TARGET))/quell-crash \
		$(if $(CYCLES),--cycles $(CYCLES)) $(if $(SEED),--seed $(SEED)) $(if $(ENGINE),--engine $(ENGINE)) \
		$(if $(FAULT),--fault $(FAULT))

fuzz: setup
	@$(WITH) scripts/fuzz.sh $(or $(RUNS),10000000) $(PARSER)

properties: setup
	@$(WITH) scripts/properties.sh $(or $(ROUNDS),20)

fuzz-api: setup web
	@$(WITH) cargo build -p quell
	@$(WITH) scripts/fuzz-api.sh $(EXAMPLES)

bench: build
	@$(WITH) cargo bench -p benches -p messages-bench -p statistics-bench

# Attacks on the journal, by somebody with the database owner's rights; all must be found and named.
tamper: setup-test
	@$(WITH) QUELL_TAMPER=100000 sh tests/with-postgres.sh cargo test -p scenes --test scenes tampered:: -- --nocapture

dist: build
	@$(WITH) scripts/dist.sh

clean:
	rm -rf target .tools web/node_modules web/src/generated
	find web/dist -mindepth 1 ! -name .gitkeep -delete
