# `make demo` and `make test` do all their own set-up: plain Python 3.11+, venv and pip.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= $(shell nproc 2>/dev/null || echo 1)

.DEFAULT_GOAL := help
.PHONY: help demo cluster-demo test test-slow reliability reliability-cluster gpu speed docs lint format clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) not found; set PYTHON=..." >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: Python 3.11 or newer is needed; set PYTHON=..." >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: $(READY) ## build the embedded dataset, run three methods, print the table, write the page
	$(BIN)/python -m distinctions646.build
	$(BIN)/python -m benchmark.run --method closed-form knn hatt --workers $(WORKERS)
	$(BIN)/python -m benchmark.figure --dataset mini --runs runs --out runs/contact-sheet.png
	$(BIN)/python -m benchmark.leaderboard --results runs --dataset mini --out leaderboard

cluster-demo: $(READY) ## build and run on four Dask workers, with kills; resume; compare all bytes
	$(BIN)/python -m tests.reliability.cluster --times 1 --fault worker scheduler

test: $(READY) ## lint, type-check and the quick tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m benchmark.leaderboard --results results --readme README.md --check
	$(BIN)/python -m benchmark.leaderboard --results results --readme docs/onnx.md --check
	$(BIN)/python -m pytest -n $(WORKERS)

test-slow: $(READY) ## the tests that take longer
	$(BIN)/python -m pytest -m slow

reliability: $(READY) ## hours of faults, kills and spoilt files; fills docs/reliability.md
	$(BIN)/python -m tests.reliability.faults --record tests/reliability/figures.json
	$(BIN)/python -m tests.reliability.kills --kills 200 --record tests/reliability/figures.json
	$(BIN)/python -m tests.fuzz --inputs 100000 --record tests/reliability/figures.json
	$(BIN)/python -m tests.reliability.figures --fill docs/reliability.md

reliability-cluster: $(READY) ## an hour of faults of a cluster; fills docs/scale.md
	$(BIN)/python -m tests.reliability.cluster --times 20 --record tests/reliability/cluster/faults.json
	$(BIN)/python -m tests.reliability.cluster --fill docs/scale.md

gpu: $(READY) ## the next minutes of a GPU day: tests, metrics, throughput, trainings (SOURCES=DIR)
	$(BIN)/python -m perf.gpu_day --out runs/gpu --sources $(SOURCES)

speed: $(READY) ## half an hour of measuring beside an earlier commit (RIVAL=CHECKOUT); fills docs/speed.md
	test -d mini || $(BIN)/python -m distinctions646.build --out mini
	$(BIN)/python -m perf.waiting docs/speed.md --dataset mini --rival $(RIVAL)
	$(BIN)/python -m perf.demo --rival $(RIVAL)
	$(BIN)/python -m perf.metrics.score --rival $(RIVAL)
	$(BIN)/python -m perf.build docs/virtual.md --earlier $(RIVAL)
	$(BIN)/python -m perf.start --rival $(RIVAL)
	$(BIN)/python -m perf.boards --rival $(RIVAL)
	$(BIN)/python -m perf.checkpoint.inference docs/speed.md --rival $(RIVAL)
	$(BIN)/python -m perf.quick --keep --document docs/speed.md
	$(BIN)/python -m perf.points docs/speed.md

docs: $(READY) ## build the documentation site into site/
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[docs]'
	$(BIN)/mkdocs build

lint: $(READY) ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY) ## rewrite the code in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove what the commands above wrote, but not the environment
	rm -rf mini mini-test mini-validation runs leaderboard site .mypy_cache .ruff_cache .pytest_cache
