# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
#
# make demo      a fleet of stand-in Windows hosts is upgraded before your eyes
# make standin   a sample fleet to play with by hand; Ctrl-C stops it
# make test      everything that CI checks: lint, unit, sanity, molecule, and a part of faults, of the second Windows, of e2e
# make e2e       all real playbooks over WinRM against stand-in hosts; takes half an hour
# make field     which cases from the field are proved, one line each; tests/field has the list
# make merging   merges 20,000 random histories of each format; takes some minutes
# make witness   tests on a second Windows: Wine with Microsoft's .NET, PowerShell and compiler; tests/witness has a README
# make faults    crashes and faults at every step of what operators do; takes more than an hour
# make scale     a night with a hundred hosts; takes twenty minutes
# make bench     measurements
# make clean     removes .build, where everything lies that make sets up

BUILD := $(CURDIR)/.build
VENV := $(BUILD)/venv
# The floor, the releases of the Automation Platform, and the newest: the end-to-end tests run with each.
CORES := 2.16 2.18 2.19 2.21

export PATH := $(VENV)/bin:$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(BUILD)
export ANSIBLE_HOME := $(BUILD)/ansible
export HYPOTHESIS_STORAGE_DIRECTORY := $(BUILD)/hypothesis
export MYPY_CACHE_DIR := $(BUILD)/mypy_cache
# Machine code of Mono's libraries. With it the stand-in makes machine code of its programs too.
export STANDIN_NATIVE := $(BUILD)/native
export RUFF_CACHE_DIR := $(BUILD)/ruff_cache
# Hundreds of Pythons are started, each of which would compile all that it imports where nothing may be kept.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(BUILD)/pycache

# Python without the ending that the tools look for.
PROGRAMS := tests/demo/run tests/bench/run tests/faults/run tests/scale/run tests/field/run tests/merging/run tests/witness/run

# Most tests wait for processes and clocks: several for each core of a small machine go on at once.
PARALLEL := 6
# The order of the tests is another one each time. To repeat that of a run: PYTEST_ADDOPTS=--randomly-seed=N make unit
PYTEST_OPTIONS := -o cache_dir=$(BUILD)/pytest_cache -n $(PARALLEL) --dist worksteal --durations 10

SETUP_DEMO := $(VENV)/.demo
SETUP_TEST := $(VENV)/.test
SETUP_CORES := $(CORES:%=$(BUILD)/core-%/.done)

.PHONY: demo standin test lint unit some_e2e e2e molecule sanity some_faults some_witness witness field merging faults scale bench clean system

demo: $(SETUP_DEMO)
	tests/demo/run

standin: $(SETUP_DEMO)
	cd tests && exec python -m standin start --fleet $(BUILD)/fleet

# Linters, sanity and molecule keep one core busy each: they go at once, and each is shown when it has ended. The second
# Windows leaves one core idle half of its time, so the faults are played beside it.
# pytest comes last: CI reads its closing line.
test: $(SETUP_TEST) $(SETUP_CORES)
	$(MAKE) --no-print-directory --jobs 3 --output-sync=target molecule lint sanity
	$(MAKE) --no-print-directory --jobs 2 --output-sync=line some_faults some_witness
	$(MAKE) --no-print-directory --jobs 1 unit some_e2e

lint: $(SETUP_TEST)
	ruff check . $(PROGRAMS)
	ruff format --check . $(PROGRAMS)
	mypy $(BUILD)/ansible_collections/comindware/platform/plugins tests
	for program in $(PROGRAMS); do mypy $$program || exit 1; done
	yamllint --strict .
	ansible-lint

unit: $(SETUP_TEST)
	python -m pytest $(PYTEST_OPTIONS) tests/unit

# The part that tests/end_to_end/part.yml lists; it ends with how many of all that are.
some_e2e: $(SETUP_TEST) $(SETUP_CORES)
	python -m pytest $(PYTEST_OPTIONS) -p end_to_end.part tests/end_to_end

e2e: $(SETUP_TEST) $(SETUP_CORES)
	python -m pytest $(PYTEST_OPTIONS) tests/end_to_end

molecule: $(SETUP_TEST)
	molecule test --all

sanity: $(SETUP_TEST)
	tools/sanity

# A part with every kind of operation and of fault in it; its histories are always the same, so that a commit is green or not.
some_faults: $(SETUP_TEST)
	tests/faults/run --chosen --histories 5 --seed 1 --processes 4

# A part of the second Windows with every layer; where the bundle for it is not, this says so and passes.
some_witness: $(SETUP_TEST) $(SETUP_CORES)
	tools/setup witness
	tests/witness/run --part $(PYTEST_OPTIONS)

witness: $(SETUP_TEST) $(SETUP_CORES)
	tools/setup witness
	tests/witness/run $(PYTEST_OPTIONS)

field: $(SETUP_TEST) $(SETUP_CORES)
	tests/field/run $(PYTEST_OPTIONS)

merging: $(SETUP_TEST)
	for format in $$(tests/merging/run --formats); do tests/merging/run --format $$format || exit 1; done

faults: $(SETUP_TEST)
	tests/faults/run

scale: $(SETUP_TEST)
	tests/scale/run

bench: $(SETUP_TEST)
	tests/bench/run

clean:
	rm -rf $(BUILD)

system:
	@tools/setup system
	@tools/setup link

$(SETUP_DEMO): requirements.txt tools/setup | system
	tools/setup venv venv 'ansible-core>=2.16' -r requirements.txt
	touch $@

$(SETUP_TEST): requirements-test.txt requirements.txt $(SETUP_DEMO)
	tools/setup venv venv -r requirements.txt -r requirements-test.txt
	tools/setup test_system
	tools/setup native
	tools/setup awx
	touch $@

$(BUILD)/core-%/.done: requirements.txt tools/setup | system
	tools/setup core $* -r requirements.txt
	[ ! -d $(@D) ] || touch $@
