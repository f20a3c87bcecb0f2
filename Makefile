# Every target is safe to repeat, as root or as a user who may sudo. `make` alone prints this list.

PYTHON ?= /usr/bin/python3
HARNESS = PYTHONPATH=tests PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m harness

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-stop test soak bench conversation methods conformance-newest lint \
	licences addon-readme addon-pot package stop clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## a real Odoo with the MCP server, an API key and a conversation; it keeps running
	@$(HARNESS) demo

demo-stop: ## stop the demo
	@$(HARNESS) demo-stop

test: ## every test; LAYERS="rust lint sql addon pytest" chooses some
	@$(HARNESS) test $(LAYERS)

soak: ## what takes longer, many seeds; goes on where the last run ended; ARGS="crash --seeds 5"
	@$(HARNESS) soak $(ARGS)

bench: ## one table of measured times and ratios
	@$(HARNESS) bench $(ARGS)

conversation: ## docs/conversation.md anew: a scripted client's conversation with the demo data
	@$(HARNESS) conversation

methods: ## the methods that a caller may call for whom something is restricted (docs/policy.md)
	@$(HARNESS) methods

conformance-newest: ## the newest release of the official conformance suite; it is only reported
	@$(HARNESS) conformance-newest

lint: ## rustfmt, clippy, ruff, pylint-odoo and more; CHECKS="rustfmt ruff" chooses some
	@$(HARNESS) lint $(CHECKS)

licences: ## whether deny.toml allows the licence of every crate; part of lint
	@$(HARNESS) licences

addon-readme: ## the addon's README.rst and index.html anew, from its readme/
	@$(HARNESS) addon-readme

addon-pot: ## the addon's translation template anew, as Odoo exports it
	@$(HARNESS) addon-pot

package: ## what an administrator installs, in build/package
	@$(HARNESS) package

setup: ## install and build what test and demo need, run nothing
	@$(HARNESS) setup

stop: ## stop every server of this checkout
	@$(HARNESS) stop

clean: ## stop all servers, delete what was built; build/cache stays
	@$(HARNESS) clean
