# One command per chore; each sets up what it needs. `make help` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUNS   := runs
WEIGHTS := src/ghostnote/models/weights
REPRODUCTIONS := seq2seq vib tap2drum tap2drum_dropout infill transfer autoencoder
# The dataset: given, or beside the checkout, or where `ghostnote data fetch` put it.
ARCHIVE ?= $(wildcard ../shared/data/groove-v1.0.0-midionly.zip)
ARCHIVE_OPTION := $(if $(ARCHIVE),--archive $(ARCHIVE))
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
TRAINING := $(BIN)/python -m ghostnote.training

# Several BLAS threads on few busy cores make everything many times slower.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export OMP_WAIT_POLICY := PASSIVE

EXPLORER_RUNS := docs/results/explorer-runs
# Free recorded one-shots (CC0, 21 MB) that some tests and the explorer's evaluation listen to; Debian's package.
SAMPLES := /usr/share/sonic-pi/samples

.PHONY: help studio demo test check format bench train train-performer train-feel train-composer train-taste \
	train-reproductions $(REPRODUCTIONS:%=train-%) export evaluate evaluate-explorer samples browser screenshots study-demo \
	docs lock clean

help:  ## This list.
	@grep -E '^[a-z][a-z0-9-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

studio: $(VENV)/.product  ## Open the studio in the browser.
	$(BIN)/ghostnote studio

demo: $(VENV)/.product  ## Show what each task does: MIDI, sound and pictures in demo/.
	$(BIN)/ghostnote demo --output demo --force

# A machine that runs tests for others may install what they need; on your own, `make samples` does when you ask.
test: $(VENV)/.dev $(if $(CI),samples browser)  ## Run the tests.
	$(BIN)/python -m pytest

check: $(VENV)/.dev  ## Lint, types, layers.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_web.py

format: $(VENV)/.dev  ## Format the code.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev  ## Measure speed, memory, size and safety; writes the reports in bench.
	$(BIN)/python bench/run.py $(ARCHIVE_OPTION)
	$(BIN)/python bench/tasks.py
	$(BIN)/python bench/explorer.py
	$(BIN)/python bench/sounds.py
	$(BIN)/python bench/sessions_killed.py
	$(BIN)/python bench/studio_page.py
	$(BIN)/python bench/studio_load.py --sessions 20 --minutes 10 --think 6
	$(BIN)/python bench/studio_load.py --sessions 20 --minutes 10 --think 6 --training --report bench/studio_load_training.md
	$(BIN)/python bench/study_coverage.py

train: train-performer train-feel train-composer train-taste export train-reproductions  ## Train everything (about five hours on one core, half of it the reproductions).

train-performer: $(VENV)/.dev  ## Train the product model that plays a score (47 minutes on one core).
	$(TRAINING) performer $(ARCHIVE_OPTION) --runs $(RUNS)

train-feel: $(VENV)/.dev  ## Train the performer to play with a given feel (after train-performer).
	$(TRAINING) feel $(ARCHIVE_OPTION) --runs $(RUNS)

train-composer: $(VENV)/.dev  ## Train the product model that writes hits.
	$(TRAINING) composer $(ARCHIVE_OPTION) --runs $(RUNS)

train-taste: $(VENV)/.dev  ## Train the critic's encoder, on loops drawn by ourselves (a quarter of an hour on one core).
	$(TRAINING) taste --runs $(RUNS)

train-reproductions: $(REPRODUCTIONS:%=train-%)  ## Train all models of the paper.

# train-seq2seq, train-vib, train-tap2drum, train-tap2drum_dropout, train-infill, train-transfer, train-autoencoder
$(REPRODUCTIONS:%=train-%): train-%: $(VENV)/.dev
	$(TRAINING) recurrent $* $(ARCHIVE_OPTION) --runs $(RUNS)

export: $(VENV)/.dev  ## Choose temperatures on validation, write the product models as ONNX with their cards.
	$(TRAINING) export $(ARCHIVE_OPTION) --runs $(RUNS) --weights $(WEIGHTS)

evaluate: $(VENV)/.dev $(REPRODUCTIONS:%=$(RUNS)/%/best.safetensors)  ## Write the reports in docs/results (trains the reproductions first if they are missing).
	$(TRAINING) evaluate $(ARCHIVE_OPTION) --runs $(RUNS)
	$(MAKE) evaluate-explorer

# Runs that are there already, among them those that are committed, are not run again. A run of DeepDrummer takes some
# seven minutes on a core, and there are 48; one of ours takes one.
evaluate-explorer: $(VENV)/.dev samples  ## Let simulated listeners explore, and report (hours where runs are missing).
	$(TRAINING) explorer --runs $(EXPLORER_RUNS)
	$(TRAINING) explorer-report --runs $(EXPLORER_RUNS)

$(REPRODUCTIONS:%=$(RUNS)/%/best.safetensors): $(RUNS)/%/best.safetensors:
	$(MAKE) train-$*

samples:  ## Install the recorded one-shots that tests and evaluation use (Debian and its relatives, as root).
	@test -d $(SAMPLES) || { apt-get update -qq && apt-get install -y -qq sonic-pi-samples; } || \
		echo "sonic-pi-samples can not be installed here: tests of recorded sounds will be skipped" >&2

browser:  ## Install the browser that tests of the page drive (Debian and its relatives, as root).
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium; } || \
		echo "chromium can not be installed here: tests of the page will be skipped" >&2

screenshots: $(VENV)/.dev  ## Take pictures of all pages, in both themes and three widths, in docs/screenshots.
	$(BIN)/python scripts/make_screenshots.py

study-demo: $(VENV)/.dev  ## Rehearse DeepDrummer's experiment with 25 simulated people through the server, in docs/results/study.
	$(BIN)/python scripts/study_demo.py

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
