# The short way in. Meson and Ninja build C, npm builds the web client, scripts/ holds the rest.
#
#   make run            install what is missing, build, create the sample database, serve
#   make test           everything on both engines; the last line is "N passed, M failed"
#   make build          the program, with the web client inside
#   make c              the program and its tests, without the web client (if none was built yet)
#   make eval DATA=DIR  checks on the public data sets in DIR
#   make bench          the measured bars; make crash, make fuzz: the long harnesses
#   make test SUITES='unit api'    only some suites of tests/suites
#   make mutations      defects put in on purpose, each of which a text case must notice;
#                       FEATURE=S7 those of one feature
#   make sanitize       the C tests under AddressSanitizer and UBSan
#   make sanitize-threads   those with threads, and two whole programs, under ThreadSanitizer
#   make check-style    sizes, include direction, layout, banned calls
#   make format         lay the C files out as .clang-format says

SHELL := /bin/sh
BUILD ?= build
JOBS ?= $(shell nproc)
DATA ?= data/eval
SUITES ?=
SANITIZED_SUITES ?= unit property api mail mailbox
THREADED_SUITES ?= unit processes mail mailbox
# Instrumented code takes several times as long as the suites' time limit is meant for.
INSTRUMENTED_SECONDS := 7200
SANITIZE := -Db_sanitize=address,undefined -Dwerror=false -Dc_args=-fno-sanitize-recover=all

export CCACHE_BASEDIR ?= $(abspath ..)
export CCACHE_NOHASHDIR ?= 1
export PATH := $(CURDIR)/.tools/node_modules/.bin:$(PATH)

.PHONY: all run test build c setup ui eval bench crash fuzz mutations sanitize sanitize-threads \
	check-style format clean

all: build

setup:
	@scripts/setup

run: setup build
	@scripts/run $(BUILD)/guantong

build: setup ui
	@scripts/ninja $(BUILD) -j$(JOBS)

# For work on C alone: no set-up, no npm.
c:
	@scripts/ninja $(BUILD) -j$(JOBS)

ui: setup
	@scripts/ui

test:
	@scripts/setup build test
	@scripts/ui && scripts/ninja $(BUILD) -j$(JOBS) || { echo '0 passed, 1 failed'; exit 1; }
	@scripts/postgres with scripts/test $(BUILD) tests/suites $(SUITES)

check-style:
	@scripts/setup build test
	@scripts/ninja $(BUILD) -j$(JOBS)
	@scripts/test $(BUILD) tests/suites style

# The C tests once more, with every access to memory and every shift checked. Instrumented code
# makes gcc warn of what is not there, so warnings are left to the ordinary build.
sanitize:
	@scripts/setup build test
	@MESON_ARGUMENTS='$(SANITIZE)' scripts/ninja build-sanitize -j$(JOBS)
	@ASAN_OPTIONS=log_path=$(CURDIR)/build-sanitize/report SUITE_SECONDS=$(INSTRUMENTED_SECONDS) \
		scripts/reports build-sanitize/report \
		scripts/postgres with scripts/test build-sanitize tests/suites $(SANITIZED_SUITES)

# Addresses are not drawn at random, for ThreadSanitizer expects the program where it used to be.
# GLib takes memory from malloc, whose locks ThreadSanitizer sees; its own it does not.
sanitize-threads:
	@scripts/setup build test
	@MESON_ARGUMENTS='-Db_sanitize=thread -Dwerror=false' scripts/ninja build-threads -j$(JOBS)
	@TSAN_OPTIONS=log_path=$(CURDIR)/build-threads/report:suppressions=$(CURDIR)/tests/threads_unseen \
		G_SLICE=always-malloc \
		SUITE_SECONDS=$(INSTRUMENTED_SECONDS) scripts/reports build-threads/report setarch -R \
		scripts/postgres with scripts/test build-threads tests/suites $(THREADED_SUITES)

eval: build
	@scripts/setup test
	@DATA="$(abspath $(DATA))" scripts/test $(BUILD) tests/eval/suites

bench: build
	@scripts/setup bench
	@bench/run $(BUILD)

crash: build
	@scripts/setup test
	@tests/crash/run $(BUILD)

fuzz:
	@scripts/setup build fuzz
	@tests/fuzz/run

mutations:
	@scripts/setup build test
	@mkdir -p $(BUILD)
	@FEATURE='$(FEATURE)' SUITE_SECONDS=14400 scripts/test $(BUILD) tests/mutations/suites

format:
	@git ls-files '*.c' '*.h' | xargs clang-format-14 -i

clean:
	rm -rf $(BUILD) build-sanitize build-threads build-fuzz ui/dist
