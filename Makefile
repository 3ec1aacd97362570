# Two commands matter: `make run` starts the daemon, `make test` runs every test. As root, both install what is missing;
# else they say what that is, and with REDISTILL_SUDO=1 call sudo.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build

BUILD_PACKAGES := libevent-dev libjemalloc-dev libssl-dev pkg-config
TEST_PACKAGES := chromium curl haproxy prometheus prometheus-redis-exporter redis-server redis-tools openssl python3 python3-redis python3-venv
# The clients and applications of Tests/Clients/matrix that are not Python's. Its `run` reads this line.
MATRIX_PACKAGES := dovecot-core gcc golang-github-gomodule-redigo-dev golang-go iredis libhiredis-dev libnginx-mod-http-lua libredis-fast-perl libredis-perl lua-nginx-redis lua-redis lua5.1 mediawiki nginx node-redis nodejs nutcracker php-cgi php-cli php-illuminate-cache php-illuminate-config php-illuminate-container php-illuminate-redis php-illuminate-session php-predis php-psr-simple-cache php-redis php-symfony-cache php-symfony-lock php-symfony-rate-limiter python3-venv redis-server redis-tools ruby-activesupport ruby-connection-pool ruby-hiredis ruby-redis varnish varnish-redis

PACKAGING_PACKAGES := debhelper dpkg-dev lintian mandoc python3-yaml systemd
CONTAINER_PACKAGES := curl fish golang-github-masterminds-sprig-dev golang-go logrotate openssl prometheus python3 redis-tools systemd-container zsh
FAULT_PACKAGES := gcc iproute2 openssl python3 python3-venv redis-tools

# In CI a warning of our own sources fails the build.
WATCH_WARNINGS := $(if $(CI),2>&1 | .ci/refuse-warnings)

.PHONY: run
run: build
	exec .build/release/redistilld --bind 127.0.0.1 --port 6379

# What `redistilld --version` says of where it comes from.
COMMIT := $(shell git describe --always --abbrev=12 --exclude='*' --dirty=-changed 2> /dev/null)
export REDISTILL_COMMIT ?= $(or $(COMMIT),unknown)

.PHONY: build
build: build-packages
	swift build -c release --static-swift-stdlib --disable-local-rpath --product redistilld $(WATCH_WARNINGS)

# Every test: the store as a library, Swift Testing for both targets and the daemon, the clients of other languages.
.PHONY: test
test: build-packages test-packages .venv/ready
	$(MAKE) --no-print-directory -C Tests/library run
	python3 -m unittest discover -s bench/tests -t bench
	swift build --build-tests $(WATCH_WARNINGS)
	REDISTILLD=$(CURDIR)/.build/debug/redistilld python3 -m unittest discover -s Tests/packaging
	swift test --skip-build --disable-xctest
	REDISTILLD=.build/debug/redistilld Tests/Clients/run

# What takes other builds or more packages: fuzzing, sanitizers, the matrix of clients, faults.
.PHONY: check
check: build-packages analyze check-fuzz check-address check-thread check-faults
	$(MAKE) --no-print-directory -j3 -Otarget check-clients check-package check-instructions # two mostly wait, the other counts

# Instructions per GET and SET, as valgrind counts them: no more than bench/instructions.json says, and 2 %.
.PHONY: check-instructions
check-instructions: build-packages
	.ci/apt valgrind
	bench/instructions --check

# The kept inputs and a fixed number of new ones for each target.
.PHONY: check-fuzz
check-fuzz: build-packages
	$(MAKE) --no-print-directory -j2 -C Tests/fuzz run

# `make fuzz SECONDS=600 TARGET=rd_resp_scan` goes on for as long as wanted and keeps what it finds.
.PHONY: fuzz
fuzz: build-packages
	$(MAKE) --no-print-directory -C Tests/fuzz explore $(if $(SECONDS),SECONDS=$(SECONDS)) TARGET=$(TARGET)

# What the compiler's analyzer finds in the C target.
.PHONY: analyze
analyze: build-packages
	.ci/analyze

# --disable-xctest, since the leak checker would report XCTest itself. Undefined behaviour is looked for in the same
# build as addresses (Package.swift says why).
SANITIZED_TEST := REDISTILL_ONLY_C=1 swift test --disable-xctest
# What has no server has one thread, but for StoreTests; its file is named as its suite is.
EMPTY :=
THREADLESS := $(subst $(EMPTY) ,|,$(filter-out StoreTests,$(basename $(notdir $(wildcard Tests/CRedistillHotTests/*.swift)))))
# What one client fills, which takes long, has nothing to race with either.
ONE_CLIENT := valuesOfEverySizeStayWithinTheShare|othersTakeNothingOfAShare|aShareIsUsedWhole|keysOfAllDatabasesAreEvicted
.PHONY: check-address check-thread
check-address:
	ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 REDISTILL_UNDEFINED=1 $(SANITIZED_TEST) \
	  --sanitize=address --scratch-path .build-address
check-thread:
	TSAN_OPTIONS=halt_on_error=1 $(SANITIZED_TEST) --sanitize=thread --scratch-path .build-thread \
	  --skip '[.]($(THREADLESS))/' --skip '($(ONE_CLIENT))'

# REDISTILLD names a daemon that is built already.
.PHONY: check-clients
check-clients: build-packages matrix-packages
	[ -n "$${REDISTILLD:-}" ] || swift build --product redistilld $(WATCH_WARNINGS)
	REDISTILLD="$${REDISTILLD:-.build/debug/redistilld}" Tests/Clients/matrix/run

# The short forms of Tests/faults, with the release build; REDISTILLD names another.
.PHONY: check-faults
check-faults: fault-packages
	[ -n "$${REDISTILLD:-}" ] || $(MAKE) --no-print-directory build
	REDISTILLD="$${REDISTILLD:-.build/release/redistilld}" Tests/faults/run

# Churn in everything for hours; fails where memory, descriptors or waits are not flat.
HOURS ?= 2
.PHONY: soak
soak: fault-packages build
	REDISTILLD=.build/release/redistilld Tests/faults/run soak --hours $(HOURS) --output .build-soak/soak.png

# A Debian package of the release, checked by lintian: .build-package/redistill_VERSION_ARCH.deb.
.PHONY: deb
deb: packaging-packages build
	packaging/debian/build .build/release/redistilld .build-package

# A tarball of a daemon that needs nothing but libc, libevent and OpenSSL 3: .build-package/redistill-VERSION-ARCH.tar.xz.
.PHONY: dist
dist: build-packages
	packaging/dist .build-package

# Chart, image and Compose file looked at; the package installed, used, upgraded and purged in a container, which needs
# root. CLEAN_ROOT names the folder of a small Debian for it, see Tests/packaging/container.
.PHONY: check-package
check-package: deb
	.ci/apt $(CONTAINER_PACKAGES)
	REDISTILLD=.build/release/redistilld Tests/packaging/run
	Tests/packaging/container "$$(ls -t .build-package/redistill_*.deb | head -n 1)" $(CLEAN_ROOT)

# packaging/man/redistilld.8, from the command line's own description. redistill.toml.5 is a StoredText.
.PHONY: manual
manual:
	packaging/man/update

.PHONY: style
style: build-packages
	.ci/style

.PHONY: bench-floor
bench-floor: build
	bench/floor

.PHONY: clean
clean:
	swift package clean || true
	rm -rf .build .build-* .venv .venv-matrix .venv-packaging
	$(MAKE) -C bench clean
	$(MAKE) -C Tests/fuzz clean
	$(MAKE) -C Tests/library clean
	rm -rf Tests/faults/bin

.PHONY: build-packages test-packages matrix-packages fault-packages packaging-packages
packaging-packages:
	.ci/apt $(PACKAGING_PACKAGES)
build-packages:
	.ci/apt $(BUILD_PACKAGES)
test-packages:
	.ci/apt $(TEST_PACKAGES)
matrix-packages:
	.ci/apt $(MATRIX_PACKAGES)
fault-packages:
	.ci/apt $(FAULT_PACKAGES)

# The current redis-py beside Debian's: it opens with HELLO 3.
.venv/ready: Tests/Clients/requirements.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@
