# Builds, tests and demonstrates Consilium. `make` alone lists the targets.

SWIFT ?= swift
# The executables and libraries of the last release build.
RELEASE = .build/release
SOURCES = Package.swift Sources Tests $(wildcard Benchmarks) $(wildcard Fuzzing)

# Continuous integration accepts no warnings and no import of a module that a target does not depend on.
ifeq ($(CI),true)
STRICT = -Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error
endif

.DEFAULT_GOAL := help
.PHONY: help setup build test pages demo bench faults field fuzz federation split network-faults walkthrough dist dist-check container-check lint format clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install missing dependencies: Debian packages and libtorch
	@Scripts/setup.sh

build: setup ## Build for release
	$(SWIFT) build -c release $(STRICT)

# Few tests at a time: calls over a network, with their time limits, would otherwise wait behind hundreds of computations.
WIDTH = $(shell $(SWIFT) test --help-hidden 2>/dev/null | sed -n 's/.*\(--experimental-maximum-parallelization-width\).*/\1 6/p')

test: setup ## Run the tests
	$(SWIFT) test --disable-xctest $(STRICT) $(WIDTH)

pages: setup ## Generate Documentation/Choices.md from the tables in the code
	CONSILIUM_UPDATE_PAGES=1 $(SWIFT) test --disable-xctest --filter ChoicesPageTests

demo: build ## Run a federated study with its baselines and write its report
	@Scripts/demo.sh

bench: build ## Measure speed and memory against PyTorch, Flower and NVIDIA FLARE
	@Benchmarks/run.sh

faults: build ## Kill processes at random moments and before every call that changes a file, let such calls fail, and compare the final models
	@Scripts/faults.sh $(KILLS)
	@Scripts/write-faults.sh $(VICTIMS)

field: build ## Run the field cases with the real commands and compare with expected.json (FOLDER for other cases)
	@Scripts/field.sh $(FOLDER)

fuzz: setup ## Feed generated input to the decoders, each for SECONDS (60)
	@SWIFT="$(SWIFT)" Scripts/fuzz.sh $(SECONDS)

federation: build ## Run a consortium of real processes on this machine, kill some, and compare with the simulator
	@Scripts/federation.sh $(KILLS)

split: build ## The same with a model that is split between sites and coordinator, on the glioma study if its data are here
	@Scripts/split.sh $(KILLS)

network-faults: build ## Cut links, fill disks, change clocks and kill processes, each on a fresh consortium; SCENARIOS selects some (as root)
	@Scripts/network-faults.sh $(SCENARIOS)

walkthrough: build ## Run the walk-through of a federation on one machine, word for word (two minutes at most)
	@Scripts/walkthrough.sh

dist: setup ## Make archives and Debian packages for machines without a compiler, in dist/
	@Scripts/dist.sh

dist-check: dist ## Test the packages on three bare Debian machines, with the README's commands (as root)
	@Scripts/dist-check.sh

container-check: dist ## Build the container images and run a consortium in them, with their files' commands (as root)
	@Scripts/container-check.sh

lint: ## Check the format of the sources
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

format: ## Format the sources
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

clean: ## Remove build products; libtorch and finished runs stay
	rm -rf .build .build-dist dist Benchmarks/.build Fuzzing/.build
