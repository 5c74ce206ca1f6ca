# What people and CI run. The work is done by infra/scripts; each says what it needs and installs it.

# Of `make run`: dev shares its build with `make test`, and what touches pixels is optimised in it, too.
PROFILE ?= dev
export PROFILE

.DEFAULT_GOAL := help
.PHONY: help run test lint fuzz bench generate

help:
	@echo "make run       build everything, start the demo on http://127.0.0.1:8080 (PROFILE=release serves faster)"
	@echo "make test      all tests: Rust on SQLite and PostgreSQL, web, browser, outside clients, fuzzers"
	@echo "make fuzz      each parser on made-up bytes, 20 s each (make fuzz SECONDS=600)"
	@echo "make lint      formatting, clippy, oxlint, types, shell, generated files"
	@echo "make bench     a release build, alone and beside Orthanc where it is installed"
	@echo "make generate  the GraphQL schema and the types the portal takes from it"

run:
	@infra/scripts/run.sh

test:
	@infra/scripts/test.sh

fuzz:
	@infra/scripts/fuzz.sh $(SECONDS)

lint:
	@infra/scripts/lint.sh

bench:
	@infra/scripts/bench.sh

generate:
	@infra/scripts/generate.sh
