# Two commands for a newcomer: `make demo` and `make test`. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
CORES ?= 2
SNAKEMAKE := $(BIN)/snakemake --cores $(CORES) --workflow-profile workflow/profiles/default
SOURCES := workflow/ariane scripts tests

SHARED ?= ../shared/data

.PHONY: help venv lock audit-lock sbom fuzz demo test test-slurm test-image lint docs validate bench-exome bench-annotation bench-acmg bench-phenotype bench-ranking bench-reanalysis bench-reanalysis-speed bench-registry bench-pages bench-exact bench-dag bench-scale bench-faults fetch bundle clean-demo

help:
	@echo "make demo         install into .venv and run the whole workflow on the embedded cohort"
	@echo "make test         install into .venv, lint, and run every test"
	@echo "make test-slurm   the demo on a real SLURM of two nodes, one of which is killed (ten minutes)"
	@echo "make test-image   build the image with buildah and run the demo in it (ten minutes)"
	@echo "make venv         install only"
	@echo "make lint         ruff, mypy, snakefmt, snakemake --lint"
	@echo "make docs         build the pages of docs/ into results/docs"
	@echo "make validate     your own solved cases, masked, and the report for a quality system: CASES=config.yaml DATE=2026-01-15"
	@echo "make bench-exome  the main job on a real exome with spiked published cases (needs ../shared/data)"
	@echo "make bench-acmg   the automated class against ClinVar, own record masked (needs ../shared/data)"
	@echo "make bench-ranking  published variants among a drawn person's own (needs ../shared/data; a quarter of an hour)"
	@echo "make bench-reanalysis  who is flagged, rightly and in vain, when releases change (needs ../shared/data)"
	@echo "make bench-reanalysis-speed  a cycle over 100,000 cases, next to ranking all again (half an hour; 8 GB of disk)"
	@echo "make bench-exact  random pairs of releases after which a delta equals a full pass (half an hour)"
	@echo "make bench-phenotype  genes by phenotype alone on published cases (needs ../shared/data)"
	@echo "make bench-annotation  names, consequences, records kept, time (needs ../shared/data; 4 GB of disk)"
	@echo "make bench-registry  ten thousand random histories with crashes, and large registries timed (an hour)"
	@echo "make bench-pages  size and opening time of a case's page with 5,000 findings, a cohort's of 10,000 cases (needs Chromium)"
	@echo "make bench-dag    what planning 1,000 to 20,000 generated cases takes (a quarter of an hour)"
	@echo "make bench-scale  cost a case of whole runs of 10 to 10,000 cases, with plots (half an hour)"
	@echo "make bench-faults  the demo killed, damaged, on full disks, under wrong clocks (half an hour, as root)"
	@echo "make fetch        download knowledge and make a release: RELEASE=2026-01 AS_OF=2026-01-15"
	@echo "make bundle       one file that installs without a network (RELEASE=NAME takes it along)"
	@echo "make audit-lock   see that what is installed is what was locked; ADVISORIES=1 asks pip-audit (network)"
	@echo "make sbom         the software bill of materials (CycloneDX) as results/sbom.cdx.json"
	@echo "make fuzz         damaged files for every reader, for FUZZ=3600 seconds"
	@echo "make lock         resolve the dependencies again into requirements.lock"
	@echo "make clean-demo   forget the demo's results and state"

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Ariane needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..." >&2; exit 2; }
	@echo "Installing the locked dependencies into .venv (one to three minutes)."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

venv: .venv/.ready

lock: venv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --extra dev --extra slurm --extra postgresql \
	  --no-emit-index-url --no-header --quiet -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --quiet -o requirements-tools.lock requirements-tools.in

audit-lock: venv
	$(BIN)/python scripts/audit_lock.py $(if $(ADVISORIES),--advisories)

# From the lock alone: no network, and the same lock gives the same bytes.
SBOM ?= results/sbom.cdx.json
sbom: .venv/tools/.ready
	@mkdir -p $(dir $(SBOM))
	.venv/tools/bin/python -W ignore -m cyclonedx_py requirements requirements.lock --pyproject pyproject.toml \
	  --output-reproducible --spec-version 1.6 --output-format JSON --validate --output-file $(SBOM)

FUZZ ?= 3600
SEED ?= 0
fuzz: venv
	$(BIN)/python scripts/fuzz.py --seconds $(FUZZ) --seed $(SEED) --json results/fuzz.json

# The registry is copied once: Ariane writes into the copy and never into a tracked file.
results/demo/registry.csv:
	@mkdir -p $(@D)
	@cp resources/demo/registry.csv $@

demo: venv results/demo/registry.csv
	@echo "First cycle: the demo cohort under release demo-A."
	@$(SNAKEMAKE) --configfile config/demo.yaml
	@echo "Second cycle: what release demo-B changes for the same cohort."
	@$(SNAKEMAKE) --configfile config/demo_next.yaml
	@$(BIN)/python scripts/where_to_look.py config/demo_next.yaml

# Only what the demo made: a cohort of your own in the same folder keeps its state.
clean-demo:
	rm -rf results/demo results/cases/DEMO-* results/store/*-of-004 results/releases/demo-A results/releases/demo-B
	rm -rf $(foreach cycle,2024-03 2025-01,results/cycles/$(cycle) state/cycles/$(cycle)) state/registry/impasse

test: venv .venv/tools/.ready lint
	$(BIN)/python -m pytest -n $(CORES) --dist loadfile
	$(MAKE) --no-print-directory sbom

# Nothing is installed where SLURM's daemons are there; as root they are fetched from Debian's packages.
SLURM_PACKAGES := slurmctld slurmd slurm-client munge
test-slurm: venv
	@if ! PATH="$$PATH:/usr/sbin" command -v slurmctld slurmd munged sbatch >/dev/null; then \
	  [ "$$(id -u)" = 0 ] || { echo "SLURM is not installed. Run as root: apt-get install $(SLURM_PACKAGES)" >&2; exit 2; }; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(SLURM_PACKAGES); fi
	ARIANE_TEST_SLURM=1 $(BIN)/python -m pytest -s tests/workflow/test_workflow_slurm.py

# IMAGE_BASE=FILE: a tar of a root file system with Python, where the base image cannot be pulled.
test-image: venv
	@command -v buildah >/dev/null || { echo "buildah is not installed. Run as root: apt-get install buildah" >&2; exit 2; }
	ARIANE_TEST_IMAGE=1 $(if $(IMAGE_BASE),ARIANE_IMAGE_BASE=$(abspath $(IMAGE_BASE))) \
	  $(BIN)/python -m pytest -s tests/workflow/test_workflow_images.py

lint: venv results/demo/registry.csv
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	PATH="$$PWD/$(BIN):$$PATH" $(BIN)/snakefmt --check Snakefile workflow/Snakefile rules
	$(BIN)/snakemake --lint --configfile config/demo.yaml
	$(BIN)/snakemake --lint --snakefile rules/resources.smk --config release=lint as_of=2026-01-15

.venv/tools/.ready: requirements-tools.lock
	@mkdir -p .venv
	@$(PYTHON) -m venv .venv/tools
	@.venv/tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-tools.lock
	@touch $@

docs: .venv/tools/.ready
	.venv/tools/bin/mkdocs build --strict --site-dir results/docs

# CASES is a configuration: its sheet holds solved cases, its decisions what solved them.
validate: venv
	@test -n "$(CASES)" || { echo "Name a configuration: make validate CASES=config/config.yaml (docs/validation.md)" >&2; exit 2; }
	$(BIN)/python scripts/validate_cases.py --config $(CASES) --cores $(CORES) $(if $(DATE),--date $(DATE)) $(OPTIONS)

bench-exome: venv
	$(BIN)/python scripts/bench_exome.py --out results/benchmarks/exome.json

bench-acmg: venv
	$(BIN)/python scripts/benchmark_acmg.py --json results/benchmarks/acmg.json \
	  --clinvar $(SHARED)/variants/clinvar_20260226_grch38_16genes.vcf.gz \
	  --reference $(SHARED)/reference/GRCh38.lrg524.fa.gz \
	  --gff $(SHARED)/reference/MANE_select.GRCh38.gff3.gz --regions $(SHARED)/reference/lrg524.bed

bench-ranking: venv
	$(BIN)/python scripts/benchmark_ranking.py --cases $(SHARED)/cases/phenopackets.jsonl.gz \
		--hpo $(SHARED)/hpo/2024-03-06 --backgrounds $(SHARED)/backgrounds/persons.tsv.gz \
		--json results/benchmarks/ranking.json --further

bench-reanalysis: venv
	$(BIN)/python scripts/benchmark_reanalysis.py --cases $(SHARED)/cases/phenopackets.jsonl.gz \
		--hpo-from $(SHARED)/hpo/2024-03-06 --hpo-to $(SHARED)/hpo/2025-01-16 \
		--assertions $(SHARED)/variants/vkgl_releases.tsv.gz --assert-from 2024-02/04 --assert-to 2024-10 \
		--backgrounds $(SHARED)/backgrounds/persons.tsv.gz --json results/benchmarks/reanalysis.json

bench-reanalysis-speed: venv
	$(BIN)/python scripts/benchmark_reanalysis_speed.py --cases $(SHARED)/cases/phenopackets.jsonl.gz \
		--hpo-from $(SHARED)/hpo/2024-03-06 --hpo-to $(SHARED)/hpo/2025-01-16 \
		--assertions $(SHARED)/variants/vkgl_releases.tsv.gz --assert-from 2024-02/04 --assert-to 2024-10 \
		--backgrounds $(SHARED)/backgrounds/persons.tsv.gz --json results/benchmarks/reanalysis_speed.json

bench-registry: venv
	$(BIN)/python scripts/bench_registry.py --json results/benchmarks/registry.json

# Scratch folders in memory where there is such a place: each pair writes some hundred files.
PAIRS ?= 2000
bench-exact: venv
	$(BIN)/python scripts/bench_exact.py --pairs $(PAIRS) --json results/benchmarks/exact.json \
		$(if $(wildcard /dev/shm),--work /dev/shm)

bench-phenotype: venv
	$(BIN)/python scripts/benchmark_phenotype.py --cases $(SHARED)/cases/phenopackets.jsonl.gz \
		--hpo $(SHARED)/hpo/2024-03-06 --json results/benchmarks/phenotype.json --baseline hpo3

bench-pages: venv
	$(BIN)/python scripts/bench_pages.py --json results/benchmarks/pages.json
	$(BIN)/python scripts/bench_cohort_page.py --json results/benchmarks/cohort_page.json

bench-annotation: venv
	$(BIN)/python scripts/bench_annotation.py --json results/benchmarks/annotation.json

bench-dag: venv
	$(BIN)/python scripts/bench_dag.py --json results/benchmarks/dag.json

bench-scale: venv
	$(BIN)/python scripts/bench_scale.py --json results/benchmarks/scale.json --plots results/benchmarks

# As root: disks that fill or turn read-only are made for the trial.
bench-faults: venv
	$(BIN)/python scripts/bench_faults.py --json results/benchmarks/faults.json

# On a machine with internet. ASSEMBLY is GRCh38 or GRCh37; OPTIONS are words for fetch_resources.py,
# such as OPTIONS="--regions exons.bed". A broken download resumes with the same command.
ASSEMBLY ?= GRCh38
fetch: venv
	$(BIN)/python scripts/fetch_resources.py --assembly $(ASSEMBLY) \
	  $(if $(RELEASE),--release $(RELEASE)) $(if $(AS_OF),--as-of $(AS_OF)) $(OPTIONS)

BUNDLE ?= results/ariane-bundle.tar
bundle: venv
	$(BIN)/python scripts/make_bundle.py --out $(BUNDLE) $(if $(RELEASE),--release $(RELEASE))
