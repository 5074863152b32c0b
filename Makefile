# Every command of this repository. Each installs what it needs first, so a bare machine has to do nothing else.

SHELL := /usr/bin/env bash
.DEFAULT_GOAL := help
setup := tests/support/setup

.PHONY: help demo test e2e odoo-test chaos lint fmt prepare proto contract bench bench-queue setup

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## show it: a real Odoo 19, 13,445 rows, a live bar, a check in Odoo that every row is there once, mirrored tables, a LOGIKAL project, a search by meaning
	@cargo build --quiet --workspace --bins --locked
	@target/debug/demo

test: ## every test, with a real Postgres and a real Odoo
	@$(setup)/test.sh all

e2e: ## the stories of a user only, end to end; FILTER=name runs those that contain the name
	@$(setup)/test.sh e2e $(FILTER)

odoo-test: ## the tests of the addons only, inside Odoo
	@$(setup)/odoo.sh test

chaos: ## break everything during imports and check that Odoo is none the wiser; SEED= RUNS= FAULTS=name,.. CHAOS=--help tells more
	@cargo build --workspace --bins --locked
	@target/debug/chaos $(if $(SEED),--seed $(SEED)) $(if $(RUNS),--runs $(RUNS)) $(if $(FAULTS),--faults $(FAULTS)) $(CHAOS)

lint: ## format, lints, the rules of the house, the contract, and whether generated things are fresh
	@$(setup)/lint.sh

fmt: ## format Rust, the contract and the addons, and make the addons' README.rst anew
	@cargo fmt --all
	@$(setup)/addons-lint.sh --fix
	@PATH="$$($(setup)/tools.sh):$$PATH" buf format --write proto

prepare: ## renew .sqlx after a change of a statement or migration
	@$(setup)/with-postgres.sh $(setup)/prepare.sh

proto: ## renew the addon's Python messages after a change of the contract
	@$(setup)/python-stubs.sh

contract: ## accept the contract as it is now as the one that later changes may not break
	@PATH="$$($(setup)/tools.sh):$$PATH" buf build proto --output proto/base.binpb

bench: ## speed and memory against Odoo's own ways, on one Odoo in one run; figures go to target/bench; BENCH=--help tells its options
	@cargo build --release --package sluice-server --package sluice-tests --bins --locked
	@target/release/bench $(BENCH)

bench-queue: ## the queue against other queues on one Postgres, into target/bench/queue.json; QUEUE="--jobs 20000 --repeats 1" is quick, --without-peers quicker
	@cargo build --release --package sluice-tests --bin bench --locked
	@target/release/bench queue $(QUEUE)

setup: ## install everything that the other targets need, and build
	@$(setup)/postgres.sh >/dev/null
	@$(setup)/tools.sh >/dev/null
	@$(setup)/odoo.sh install >/dev/null
	@cargo build --workspace --locked
