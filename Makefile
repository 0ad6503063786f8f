# Everything runs from .venv; nothing needs to be installed by hand but Python >= 3.11, git and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv
DIST   ?= dist
EXAMPLES ?= 2000
DOCUMENTS ?= examples/documents
QUESTION  ?= How many days may a rented GPU stay idle before it is returned?

# Many images set it; hundreds of processes would then compile the same modules, each for itself.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev test-tools builder demo down test test-kubernetes test-stack test-fast faults fuzz coverage lint audit bench lock docs wheel clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock

# A stamp a lock: an unchanged lock costs nothing the second time.
$(VENV)/.platform: requirements/platform.lock pyproject.toml | $(UV)
	@$(UV) pip install -q --python $(BIN)/python --require-hashes --compile-bytecode -r requirements/platform.lock
	@$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q cli engine gateway history serving sync windmill
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.platform
	@$(UV) pip install -q --python $(BIN)/python --require-hashes --compile-bytecode -r requirements/dev.lock
	@touch $@

setup: $(VENV)/.platform  ## what running needs
setup-dev: $(VENV)/.dev   ## what testing needs

test-tools: setup-dev      ## the real systems that tests talk to: minutes the first time
	@$(BIN)/python -m tests.tools.needs

demo: setup  ## set everything up and do the main job for real
	@$(BIN)/mlops demo --documents "$(DOCUMENTS)" --question "$(QUESTION)"

builder: setup  ## build the ML Pipeline Builder, start the platform and tell where it is
	@$(BIN)/python -m sync.build.bundle windmill/apps/ml_pipeline_builder.raw_app
	@$(BIN)/mlops up
	@$(BIN)/mlops builder

down: setup  ## stop the platform and what it deployed on this machine
	@$(BIN)/mlops down --destroy

test: setup-dev lint test-tools  ## all tests
	@$(BIN)/python -m pytest -n 4 --dist loadgroup

# Its programs are built from Kubernetes' sources the first time, which is too long for `make test`; once they
# are there, that runs these tests, too.
test-kubernetes: setup-dev  ## a pipeline's life on a real Kubernetes; as root, with Go
	@$(BIN)/python -m tests.kubernetes.binaries
	@$(BIN)/python -m pytest tests/kubernetes

# As Kubernetes: Docker Compose is built the first time, in about two minutes.
test-stack: setup-dev  ## docker-compose.yml really started; as root, with Go
	@$(BIN)/python -m tests.stack.started.compose_program
	@$(BIN)/python -m tests.tools.needs
	@$(BIN)/python -m pytest tests/stack

test-fast: setup-dev  ## the tests that start nothing
	@$(BIN)/python -m pytest -n 2 -p tests.fast

faults: setup-dev  ## renting, killed or answered wrongly at every numbered point and run again
	@MLOPS_EVERY_POINT=1 $(BIN)/python -m pytest tests/targets/rental

fuzz: setup-dev  ## the tests that make up their inputs, with many more of them (EXAMPLES=2000)
	@MLOPS_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -n 2 -m fuzz -o timeout=0

# Whatever test-fast runs, counted.
coverage: setup-dev  ## how much of the code the fast tests run
	@PYTEST_ADDOPTS="--cov --cov-report=" $(MAKE) --no-print-directory test-fast
	@$(BIN)/coverage report

lint: setup-dev  ## style, types, workflows: what CI and pre-commit run
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/bandit -q -r -c pyproject.toml ansible ci cli docs engine examples gateway history monitoring requirements serving sync windmill
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-actions .github/actions/*/action.yml

$(VENV)/audit: requirements/audit.lock | $(UV)
	@rm -rf $@
	@$(UV) venv -q --python $(BIN)/python $@
	@$(UV) pip install -q --python $@/bin/python --require-hashes -r requirements/audit.lock

audit: $(VENV)/audit  ## known holes in what the locks pin; asks the Python package index
	@for lock in requirements/*.lock; do \
	  $(VENV)/audit/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off -r $$lock || \
	  { echo "see $$lock"; failed=1; }; done; exit $${failed:-0}

bench: setup-dev  ## ours, the peer and the floor, as ratios
	@$(BIN)/python -m tests.bench

lock: setup-dev  ## resolve requirements/*.in again
	@$(BIN)/python requirements/lock.py

docs: setup-dev  ## write the generated parts of docs/reference, and the dashboards, again
	@$(BIN)/python -m docs.generate
	@$(BIN)/python -m monitoring.grafana.render

wheel: setup-dev  ## what targets install, into dist/
	@$(UV) build -q --no-build-isolation --python $(BIN)/python --out-dir $(DIST) serving

clean:  ## forget the virtual environment
	rm -rf $(VENV)
