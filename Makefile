# `make help` lists the targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# rustup's folder comes last, so that a toolchain chosen by the caller stays chosen.
export PATH := $(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin
export PORTOLAN_BIN ?= $(or $(CARGO_TARGET_DIR),target)/release/portolan

STEP := scripts/step.sh

.PHONY: help demo run test lint bench mutate build image image-test trace-test prerequisites clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: ## Build, start a server and show what a car costs at the border, then and now
	@$(STEP) 'Prerequisites' scripts/prerequisites.sh build
	@$(STEP) 'Build' cargo build --release --locked
	@$(STEP) 'Demo' scripts/demo.sh

run: ## Build and serve on 127.0.0.1:50051 until interrupted
	@$(STEP) 'Prerequisites' scripts/prerequisites.sh build
	@$(STEP) 'Build' cargo build --release --locked
	@exec scripts/run.sh

test: lint ## Check format, lints and protos, then run all tests
	@$(STEP) 'Rust tests' cargo test --release --locked
	@$(STEP) 'Server binary' cargo build --release --locked
	@$(STEP) 'Wire tests: third-party clients against the binary' .venv/bin/python -m pytest tests/wire
	@$(STEP) 'Deployment: chart, image file, alerts' .venv/bin/python -m pytest tests/deploy
	@$(STEP) 'Python client: built, installed, typed, run' .venv/bin/python -m pytest clients/python/tests

lint: ## Check format, lints and protos only
	@$(STEP) 'Prerequisites' scripts/prerequisites.sh build test
	@$(STEP) 'Python tools' scripts/python-tools.sh
	@$(STEP) 'Format' cargo fmt --check
	@$(STEP) 'Protos' .venv/bin/buf lint
	@$(STEP) 'Clippy' cargo clippy --release --all-targets --locked -- -D warnings

bench: ## Run the benchmarks
	@$(STEP) 'Prerequisites' scripts/prerequisites.sh build
	@$(STEP) 'Benchmarks' cargo bench --profile release --locked --bench wire --bench assess --bench sweep

mutate: ## Change every rate, date, scope and exclusion of the US law, one at a time, and see a law case fail
	@$(STEP) 'Prerequisites' scripts/prerequisites.sh build
	@$(STEP) 'Mutations' cargo bench --profile release --locked --bench mutations

image: ## Build the image portolan:VERSION; BUILD_IMAGE=local where no registry is at hand
	@scripts/build-image.sh $(BUILD_IMAGE)

image-test: image ## Build the image and run it as the chart does: TLS, names, quotes, solves (root, podman)
	@$(STEP) 'Python tools' scripts/python-tools.sh
	@$(STEP) 'Image tests' .venv/bin/python -m pytest tests/image

trace-test: ## Export to a real trace backend and ask it for the trace of a call (minutes to install)
	@$(STEP) 'Python tools' scripts/python-tools.sh
	@$(STEP) 'Trace backend' .venv/bin/python scripts/trace-backend.py

build: ## Build the release binary
	@$(STEP) 'Prerequisites' scripts/prerequisites.sh build
	@$(STEP) 'Build' cargo build --release --locked

prerequisites: ## Install what building and testing need and this machine lacks
	@$(STEP) 'Prerequisites' scripts/prerequisites.sh build test

clean: ## Remove what the targets made
	rm -rf target .venv tests/*/__pycache__
