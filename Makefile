# Everything here works from a fresh clone; `make test` installs what tests need.

GO       ?= go
FUZZTIME ?= 60s
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# The version is told by -ldflags; asking git again fails in a checkout of another
# user's, as continuous integration has it.
export GOFLAGS := $(GOFLAGS) -buildvcs=false

.PHONY: build run test test-system bench fuzz lint release vendor clean

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o recado .

run: build
	./recado serve

# All tests without the race detector, then the small ones with it: under it
# SQLite is some twenty times slower.
test: build
	.ci/deps
	RECADO_TEST_BINARY=$(CURDIR)/recado $(GO) test -shuffle=on ./...
	CGO_ENABLED=1 $(GO) test -race -short -shuffle=on ./...

# What needs root. Only the tests run as root, not the compiler.
test-system: build
	.ci/deps system
	RECADO_TEST_BINARY=$(CURDIR)/recado $(GO) test -tags system -run '^TestSystem' -count=1 -exec "$$(.ci/as-root)" \
		$$(grep -rl '^//go:build system' --include='*_test.go' . | xargs -n 1 dirname | sort -u)

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

fuzz:
	@set -e; for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$package; \
		done; \
	done

lint:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt -w would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) vet -tags system ./...
	$(GO) tool staticcheck -tags system ./...
	@$(GO) fix -diff ./...
	@if command -v shellcheck >/dev/null; then echo shellcheck; shellcheck install.sh .ci/* embed/*.sh completions/recado.bash; else echo "shellcheck is not installed: skipped"; fi

# Static, reproducible programs for amd64, arm64 and armv7 with checksums, in dist/.
release:
	.ci/release

# Lists the licences of everything that is in the binary; fails for one that is not permissive.
licences:
	@out=$$($(GO) test -count=1 -run '^TestLicences$$' -v .) || { echo "$$out"; exit 1; }; \
		echo "$$out" | sed -n 's/^ *licences_test.go:[0-9]*: //p' | sort -u

# Fetches the pages' libraries from npm again and proves that they are what is committed.
vendor:
	sh embed/vendor.sh

clean:
	rm -rf recado dist .screenshots .tools
