# Two commands matter: `make run` starts the daemon, `make test` runs every test. Both install what is missing.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build

BUILD_PACKAGES := libevent-dev libssl-dev pkg-config
TEST_PACKAGES := prometheus-redis-exporter redis-server redis-tools openssl python3 python3-redis python3-venv

# In CI a warning of our own sources fails the build.
WATCH_WARNINGS := $(if $(CI),2>&1 | .ci/refuse-warnings)

.PHONY: run
run: build
	exec .build/release/redistilld --bind 127.0.0.1 --port 6379

.PHONY: build
build: build-packages
	swift build -c release --static-swift-stdlib --product redistilld $(WATCH_WARNINGS)

# Every test: Swift Testing for both targets and the daemon, then the clients of other languages.
.PHONY: test
test: build-packages test-packages .venv/ready
	swift build --build-tests $(WATCH_WARNINGS)
	swift test --skip-build --disable-xctest
	REDISTILLD=.build/debug/redistilld Tests/Clients/run

# What takes other builds: fuzzing, sanitizers.
.PHONY: check
check: build-packages check-fuzz check-address check-thread

.PHONY: check-fuzz
check-fuzz:
	$(MAKE) --no-print-directory -C Tests/fuzz run

# --disable-xctest, since the leak checker would report XCTest itself.
SANITIZED_TEST := REDISTILL_ONLY_C=1 swift test --disable-xctest
.PHONY: check-address check-thread
check-address:
	ASAN_OPTIONS=detect_leaks=1 $(SANITIZED_TEST) --sanitize=address --scratch-path .build-address
check-thread:
	TSAN_OPTIONS=halt_on_error=1 $(SANITIZED_TEST) --sanitize=thread --scratch-path .build-thread

.PHONY: style
style: build-packages
	.ci/style

.PHONY: bench-floor
bench-floor: build
	bench/floor

.PHONY: clean
clean:
	swift package clean || true
	rm -rf .build .build-* .venv
	$(MAKE) -C bench clean
	$(MAKE) -C Tests/fuzz clean

.PHONY: build-packages test-packages
build-packages:
	.ci/apt $(BUILD_PACKAGES)
test-packages:
	.ci/apt $(TEST_PACKAGES)

# The current redis-py beside Debian's: it opens with HELLO 3.
.venv/ready: Tests/Clients/requirements.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@
