# `make` alone explains the verbs.
STACK ?= dev
STACKS ?= dev prod
BASE ?= origin/main
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m operations

.DEFAULT_GOAL := help
.PHONY: help up down status backup backups drill restore drop-replaced databases drop-database drop-volume drop-secret upgrade-database import env images lock plan cluster cluster-down test snapshots e2e soak

help: ## Explain the verbs
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {sub(/\$$\$$/, "$$", $$2); printf "  make %-16s %s\n", $$1, $$2}' Makefile

up: $(VENV)/ready ## Deploy a healthy stack (STACK=dev); on a cluster it shows the plan and asks (YES=1: does not)
	@$(RUN) up --stack '$(STACK)' $(if $(filter 1,$(YES)),--yes)

down: $(VENV)/ready ## Remove the stack, but not its data; on a cluster it asks (YES=1). PURGE=1: the data too, by the stack's name (CONFIRM=dev)
	@$(RUN) down --stack '$(STACK)' $(if $(filter 1,$(YES)),--yes) $(if $(filter 1,$(PURGE)),--purge) \
		$(if $(CONFIRM),--confirm '$(CONFIRM)') $(if $(filter 1,$(WITHOUT_BACKUP)),--without-backup)

status: $(VENV)/ready ## Show each service, its health and its endpoint
	@$(RUN) status --stack '$(STACK)'

backup: $(VENV)/ready ## Make a base backup of a stack's databases now
	@$(RUN) backup --stack '$(STACK)'

backups: $(VENV)/ready ## List the backups, and the times to which the databases can be restored
	@$(RUN) backups --stack '$(STACK)'

drill: $(VENV)/ready ## Rehearse a restore of the newest backup, beside the running stack
	@$(RUN) drill --stack '$(STACK)'

restore: $(VENV)/ready ## Restore the databases to AT="2026-11-24 21:00:00" (UTC), BACKUP=id or the newest state, or FILES=service; asks first
	@$(RUN) restore --stack '$(STACK)' $(if $(AT),--at '$(AT)') $(if $(BACKUP),--backup '$(BACKUP)') \
		$(if $(FROM),--from '$(FROM)') $(if $(INTO),--into '$(INTO)') $(if $(FILES),--files '$(FILES)') \
		$(if $(filter 1,$(YES)),--yes)

drop-replaced: $(VENV)/ready ## List the data that restores have replaced and kept; NAME=name removes it, and asks first
	@$(RUN) drop-replaced --stack '$(STACK)' $(if $(NAME),--name '$(NAME)') $(if $(filter 1,$(YES)),--yes)

databases: $(VENV)/ready ## List the databases of a stack's server, and the service that uses each
	@$(RUN) databases --stack '$(STACK)'

drop-database: $(VENV)/ready ## Remove DATABASE=name, which no service uses; asks first (YES=1: does not)
	@$(RUN) drop-database --stack '$(STACK)' --database '$(DATABASE)' $(if $(filter 1,$(YES)),--yes)

drop-volume: $(VENV)/ready ## Give up VOLUME=name, which the stack file no longer has; asks first (YES=1: does not)
	@$(RUN) drop-volume --stack '$(STACK)' --volume '$(VOLUME)' $(if $(filter 1,$(YES)),--yes) \
		$(if $(filter 1,$(WITHOUT_BACKUP)),--without-backup)

drop-secret: $(VENV)/ready ## Give up SECRET=name, which the stack file no longer has; asks first (YES=1: does not)
	@$(RUN) drop-secret --stack '$(STACK)' --secret '$(SECRET)' $(if $(filter 1,$(YES)),--yes)

upgrade-database: $(VENV)/ready ## Move the databases to TO=17, the data.version of the stack file; asks first
	@$(RUN) upgrade-database --stack '$(STACK)' --to '$(TO)' $(if $(filter 1,$(YES)),--yes)

import: $(VENV)/ready ## Bring DUMP=file into the database of SERVICE=name, or FILES=directory into its volume
	@$(RUN) import --stack '$(STACK)' --service '$(SERVICE)' $(if $(DUMP),--dump '$(DUMP)') $(if $(FILES),--files '$(FILES)') \
		$(if $(REPLACE),--replace '$(REPLACE)')

env: $(VENV)/ready ## Print the environment of plain pulumi: eval "$$(make -s env)"
	@$(RUN) env --stack '$(STACK)'

images: $(VENV)/ready ## Build a stack's images from source; STACK=prod pushes them too
	@$(RUN) images --stack '$(STACK)'

lock: $(VENV)/ready ## Pin the official images by digest, and show which versions are still supported
	@$(RUN) lock --stack '$(STACK)'

plan: $(VENV)/ready ## Show what this tree changes in dev and prod since BASE=origin/main
	@$(RUN) plan $(if $(filter 1,$(DEPLOYED)),--deployed,--base '$(BASE)') \
		$(foreach stack,$(STACKS),--stack '$(stack)') $(if $(SUMMARY),--summary '$(SUMMARY)')

cluster: $(VENV)/ready ## Start a Kubernetes cluster on this machine, with a registry (NODES=1)
	@$(RUN) cluster

cluster-down: $(VENV)/ready ## Remove the cluster and everything in it
	@$(RUN) cluster-down

test: $(VENV)/ready-dev ## Run all checks and tests that need no engine
	@$(RUN) tools
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --quiet --check .
	@$(VENV)/bin/mypy & types=$$!; \
		eval "$$($(RUN) env)" && $(VENV)/bin/pytest -n 2; tests=$$?; \
		wait $$types && exit $$tests

snapshots: $(VENV)/ready-dev ## Write all generated files: what the program renders, and the reference
	@$(VENV)/bin/python -m tests.unit.recorded
	@$(RUN) reference

e2e: $(VENV)/ready-dev ## Test with a real engine and a real cluster, in its own stacks and clusters
	@eval "$$($(RUN) env)" && $(VENV)/bin/pytest -vv -n 2 --durations=20 tests/e2e

soak: $(VENV)/ready-dev ## Run hours of load, lose and restore a gigabyte, and write one of log lines (SOAK_MINUTES=60)
	@eval "$$($(RUN) env)" && $(VENV)/bin/pytest -v -s tests/soak

$(VENV)/ready: requirements.txt
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@touch $@

$(VENV)/ready-dev: requirements-dev.txt $(VENV)/ready
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@
