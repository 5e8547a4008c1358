# One command for each thing, the same here and in CI. `make demo` and `make test` work on a fresh machine.
PYTHON ?= $(firstword $(foreach name,python3.11 python3,$(shell command -v $(name))))
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

# Three workers for two cores, because they often wait; the tests of one file share their clusters, so they stay together.
PYTEST := $(BIN)/pytest -q -n 3 --dist loadfile -m "not long"
# Where releases of etcd differ: also run on the newest release of each line but PyPI's that `make etcd` made, which takes
# about two minutes a line. `make test-long` runs all of tests/integration on every release that it made.
WHERE_LINES_DIFFER := tests/integration/etcd tests/integration/local/test_cluster.py \
    tests/integration/render/test_etcd_forms.py \
    tests/integration/test_readme.py::test_the_session_of_the_readme_is_true \
    $(addprefix tests/integration/cli/test_,auth.py denied.py lock_out.py mixed_releases.py plan_files.py sandwich.py \
    verify.py) \
    $(foreach name,fence broken_by_hand,'tests/integration/cli/test_transcripts.py::test_transcript[$(name)]') \
    $(addprefix tests/integration/ops/test_,compacting.py drift.py fitness.py import.py)

.PHONY: demo test unit integration agreement etcd wheel test-long lint format bench conformance help lock clean

demo: $(INSTALLED)            ## the main job on a real three-member etcd, from nothing to proof
	$(BIN)/ringfence demo

test: lint unit integration agreement wheel   ## everything that must hold

unit: $(INSTALLED)            ## rules, without I/O
	$(BIN)/pytest tests/unit -q -n 2

integration: $(INSTALLED)     ## on real etcd servers, real files, and the README's own commands
	$(BIN)/python tools/on_etcd.py pypi $(PYTEST) tests/integration
	$(BIN)/python tools/on_etcd.py lines $(PYTEST) $(WHERE_LINES_DIFFER)

agreement: $(INSTALLED)       ## the evaluator against real etcd servers: 20,000 random decisions and more
	$(BIN)/pytest tests/differential -q

etcd:                         ## current etcd releases for the tests, each made once, into .cache (or RINGFENCE_CACHE)
	$(PYTHON) tools/make_etcd.py

wheel: $(INSTALLED)           ## the built wheel, installed elsewhere, runs its demo
	$(BIN)/pytest tests/wheel -q

test-long: $(INSTALLED)       ## what takes too long for every change
	RINGFENCE_DECISIONS=1000000 $(BIN)/pytest tests -q --hypothesis-profile=long
	$(BIN)/python tools/on_etcd.py made $(BIN)/pytest -q -n 2 --dist loadfile tests/integration

lint: $(INSTALLED)            ## style, types, and the layers of docs/architecture.md
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(INSTALLED)           ## figures, with the raw limits beside them
	$(BIN)/python -m bench

# Programs are named by path: make conformance CALICOCTL=/path/to/calicoctl; kube-apiserver is built where none is named.
CONFORMANCE := KUBE_APISERVER CALICOCTL CALICO_NODE KUBE_CONTROLLERS CNI
conformance: $(INSTALLED)     ## real programs on a fenced etcd, with and without each line of the catalog
	$(BIN)/python -m conformance.harness $(foreach name,$(CONFORMANCE),$(if $($(name)),$(name)=$($(name))))

help: $(INSTALLED)            ## renew the kept text of ringfence --help
	$(BIN)/python tools/keep_help.py

lock:                         ## renew the lock file; needs uv
	uv pip compile pyproject.toml --extra local --group dev --universal --generate-hashes --python-version 3.11 \
	    --upgrade --quiet --custom-compile-command "make lock" --output-file requirements/dev.txt

$(INSTALLED): requirements/dev.txt pyproject.toml tools/make_venv.py
	$(PYTHON) tools/make_venv.py $(VENV) requirements/dev.txt
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
