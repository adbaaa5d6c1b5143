# One runner for people and for CI. `make` alone lists what there is.
#
# Needs Rust, Python 3.10 or later and make; everything else goes into .venv. A step that succeeded leaves a stamp there,
# so a repeat does nothing that is not needed.

PYTHON ?= python3
# Both `demo` and `test` use the optimised build, so what is tested is what is shipped and it is compiled once.
# `make test PROFILE=dev` compiles sooner, runs slower and checks for integer overflow.
PROFILE ?= release
OUT ?= build
VENV := .venv
BENCH_VENV := .venv-bench
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
BENCH_BIN := $(BENCH_VENV)/Scripts
else
BIN := $(VENV)/bin
BENCH_BIN := $(BENCH_VENV)/bin
endif

STAMPS := $(VENV)/.stamps
RUST := Cargo.toml $(wildcard Cargo.lock) $(shell find src -name '*.rs' 2>/dev/null)
PACKAGE := pyproject.toml python/melogit/_core.pyi
# Tools must not pick up another environment that happens to be active, nor a user's site directory.
export PYTHONNOUSERSITE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONPATH
unexport CONDA_PREFIX
PIP = "$(BIN)/python" -m pip --require-virtualenv install --quiet

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# The order of the steps is part of the contract: cheap refusals first, pytest's closing line last.
.NOTPARALLEL:
.PHONY: help demo test test-long build fmt lint lint-rust lint-python test-rust test-python docs bench bench-all bench-growth wheel clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMPS)/demo-packages $(STAMPS)/extension-$(PROFILE) ## Set everything up and run the study on a synthetic cohort, into build/
	"$(BIN)/python" -m melogit.camhs --out "$(OUT)"

# The Python tests come last: their closing line is the last line of a run.
test: lint test-rust docs test-python ## Everything CI runs

test-long: $(STAMPS)/dev-packages $(STAMPS)/extension-$(PROFILE) ## The tests that take minutes
	"$(BIN)/python" -m pytest -m slow

build: $(STAMPS)/extension-$(PROFILE) ## Compile the extension into .venv

fmt: $(STAMPS)/dev-packages ## Format and mend what can be mended
	cargo fmt
	"$(BIN)/ruff" check --fix-only --quiet .
	"$(BIN)/ruff" format --quiet .

lint: lint-rust lint-python ## Formatting, clippy with both feature sets, ruff, mypy

lint-rust:
	cargo fmt --check
	cargo clippy --locked --all-targets --quiet -- -D warnings
	PYO3_PYTHON="$$(command -v $(PYTHON))" cargo clippy --locked --all-targets --features python --quiet -- -D warnings

lint-python: $(STAMPS)/dev-packages
	"$(BIN)/ruff" format --check --quiet .
	"$(BIN)/ruff" check --quiet .
	"$(BIN)/mypy"

test-rust: ## The core's own tests, without Python
	cargo test --profile $(PROFILE) --locked --quiet

test-python: $(STAMPS)/dev-packages $(STAMPS)/extension-$(PROFILE) ## Python tests, docstrings, README, stub and notebooks
	"$(BIN)/python" -m pytest

docs: ## The core's documentation; a broken link is an error
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items --quiet

bench: $(BENCH_VENV)/.stamps/bench ## Time models A and H (cbpp), and coding, beside other programs (own environment .venv-bench)
	"$(BENCH_BIN)/python" tests/bench/bench.py $(BENCH_ARGS) A H
	"$(BENCH_BIN)/python" tests/bench/coding.py $(CODING_ARGS)

bench-all: $(BENCH_VENV)/.stamps/bench ## Every model, A to H, beside other programs: more than an hour
	"$(BENCH_BIN)/python" tests/bench/bench.py $(BENCH_ARGS) A B C C2 D E F G1 G2 H

bench-growth: $(BENCH_VENV)/.stamps/bench ## How time and memory grow with rows and coefficients: minutes
	"$(BENCH_BIN)/python" tests/bench/growth.py $(GROWTH_ARGS)

wheel: $(STAMPS)/demo-packages ## Build a wheel into dist/
	"$(BIN)/maturin" build --release --out dist

clean: ## Remove what was built and both environments
	rm -rf $(VENV) $(BENCH_VENV) $(OUT) dist target .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find python tests notebooks -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f python/melogit/_core*.so python/melogit/_core*.pyd

# One recipe for both environments: says what is missing in words when it cannot be made.
define make-venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "melogit needs Python 3.10 or later; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 | head -n 1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(1) || \
	  { rm -rf $(1); echo "'$(PYTHON) -m venv $(1)' failed. On Debian and Ubuntu the module comes with the package python3-venv."; exit 1; }
	@mkdir -p $(1)/.stamps
endef

$(VENV)/pyvenv.cfg:
	$(call make-venv,$(VENV))

$(STAMPS)/demo-packages: requirements-dev.txt | $(VENV)/pyvenv.cfg
	$(PIP) --constraint requirements-dev.txt maturin numpy narwhals pandas matplotlib
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev-packages: requirements-dev.txt | $(VENV)/pyvenv.cfg
	$(PIP) --requirement requirements-dev.txt
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/demo-packages

# Either profile writes the same file, so building one makes the other's stamp a lie: remove it.
$(STAMPS)/extension-$(PROFILE): $(RUST) $(PACKAGE) | $(STAMPS)/demo-packages
	@command -v cargo >/dev/null || { echo "cargo was not found: melogit is compiled from Rust, which rustup installs."; exit 1; }
	@rm -f $(STAMPS)/extension-*
	VIRTUAL_ENV="$(abspath $(VENV))" "$(BIN)/maturin" develop --profile $(PROFILE) --locked --quiet
	@touch $@

$(BENCH_VENV)/pyvenv.cfg:
	$(call make-venv,$(BENCH_VENV))

# The development build lies in python/melogit and both environments see it: this replaces it, so .venv's stamps go.
$(BENCH_VENV)/.stamps/bench: tests/bench/requirements.txt $(RUST) $(PACKAGE) | $(BENCH_VENV)/pyvenv.cfg
	"$(BENCH_BIN)/python" -m pip --require-virtualenv install --quiet --requirement tests/bench/requirements.txt
	VIRTUAL_ENV="$(abspath $(BENCH_VENV))" "$(BENCH_BIN)/maturin" develop --release --locked --quiet
	@mkdir -p $(@D) && rm -f $(STAMPS)/extension-* && touch $@
