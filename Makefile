# One command per chore; each sets up what it needs. `make help` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUNS   := runs
WEIGHTS := src/ghostnote/models/weights
# The dataset: given, or beside the checkout, or where `ghostnote data fetch` put it.
ARCHIVE ?= $(wildcard ../shared/data/groove-v1.0.0-midionly.zip)
ARCHIVE_OPTION := $(if $(ARCHIVE),--archive $(ARCHIVE))
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
TRAINING := $(BIN)/python -m ghostnote.training

# Several BLAS threads on few busy cores make everything many times slower.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export OMP_WAIT_POLICY := PASSIVE

.PHONY: help studio test check format bench train train-performer train-seq2seq train-vib export evaluate docs lock clean

help:  ## This list.
	@grep -E '^[a-z][a-z0-9-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

studio: $(VENV)/.product  ## Make the demonstration: MIDI, sound and pictures in demo/.
	$(BIN)/ghostnote demo --output demo --force

test: $(VENV)/.dev  ## Run the tests.
	$(BIN)/python -m pytest

check: $(VENV)/.dev  ## Lint, types, layers.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## Format the code.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev  ## Measure speed, memory and size; writes bench/report.md.
	$(BIN)/python bench/run.py $(ARCHIVE_OPTION)

train: train-performer export train-seq2seq train-vib  ## Train everything (about three hours on two cores).

train-performer: $(VENV)/.dev  ## Train the product model (under an hour on one core).
	$(TRAINING) performer $(ARCHIVE_OPTION) --runs $(RUNS)

train-seq2seq: $(VENV)/.dev  ## Train the paper's Seq2Seq (up to an hour).
	$(TRAINING) recurrent seq2seq $(ARCHIVE_OPTION) --runs $(RUNS)

train-vib: $(VENV)/.dev  ## Train the paper's variational information bottleneck (up to an hour).
	$(TRAINING) recurrent vib $(ARCHIVE_OPTION) --runs $(RUNS)

export: $(VENV)/.dev  ## Choose the temperature on validation, write the performer as ONNX with its card.
	$(TRAINING) export $(ARCHIVE_OPTION) --runs $(RUNS) --weights $(WEIGHTS)

evaluate: $(VENV)/.dev $(RUNS)/seq2seq/best.safetensors $(RUNS)/vib/best.safetensors  ## Write docs/results/humanize.md (trains the reproductions first if they are missing).
	$(TRAINING) evaluate $(ARCHIVE_OPTION) --runs $(RUNS)

$(RUNS)/seq2seq/best.safetensors:
	$(MAKE) train-seq2seq

$(RUNS)/vib/best.safetensors:
	$(MAKE) train-vib

docs: $(VENV)/.dev  ## Write the reference of commands and check that every command is documented.
	$(BIN)/python scripts/make_command_reference.py

lock: $(VENV)/.dev  ## Renew the lock files from pyproject.toml.
	$(BIN)/python scripts/lock.py

clean:  ## Remove what make made, but not trained weights.
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# The product alone: no PyTorch, no test tools.
$(VENV)/.product: requirements/product.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r requirements/product.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

# PyTorch last: all that it needs is locked and installed by then. This exact version, since others pull gigabytes.
$(VENV)/.dev: requirements/dev.txt $(VENV)/.product
	$(PIP) --require-hashes -r requirements/dev.txt
	$(PIP) torch==2.13.0
	touch $@
