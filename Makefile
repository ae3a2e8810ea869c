# `make demo` and `make test` do everything on a fresh machine. They need Go, a C compiler,
# and pip and npm as download clients. `make` alone lists the targets.

GO ?= go

# What runs under the race detector, and what has a second body without assembly.
RACE   := ./internal/embed ./internal/features ./internal/store/local ./internal/vector ./internal/source ./internal/runtime ./internal/hub .
PUREGO := ./internal/simd ./internal/resample ./internal/vector
# What is tested with real Weaviate nodes.
CLUSTER := ./internal/store/weaviate ./internal/server .

.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*\#\# .*/\1/p' $(MAKEFILE_LIST))

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: needs setup build ## index the world's flags, search them, compare models, find duplicates
	@scripts/demo

test: needs setup build ## run every test
	$(GO) test -timeout 30m ./...
	$(GO) test -race -short -timeout 30m $(RACE)
	$(GO) test -tags purego -short $(PUREGO)
	@scripts/test-web
	@scripts/test-python

test-long: setup ## run the crash test with 2000 kills, and more cluster faults; about 25 minutes
	AKIN_KILLS=2000 $(GO) test -timeout 2h -run Kill -v .
	AKIN_FAULTS=1 $(MAKE) test-cluster

test-cluster: setup ## test collections on three real Weaviate nodes, killed under load; builds the server once
	@[ -n "$$AKIN_WEAVIATE" ] || scripts/weaviate
	AKIN_WEAVIATE="$${AKIN_WEAVIATE:-$(CURDIR)/.deps/weaviate/weaviate-server}" $(GO) test -count 1 -timeout 30m -v -run 'Cluster|Nodes' $(CLUSTER)

needs: ## say what a build needs and this machine lacks
	@GO="$(GO)" scripts/needs

web: ## build the page into web/dist
	@scripts/web

test-web: setup build ## test the page in a real browser
	@scripts/test-web

test-python: setup build ## make the wheel, and test it in a clean environment
	@scripts/test-python

wheel: setup build ## make dist/*.whl, which has the program, ONNX Runtime and the default models
	@scripts/wheel

build: web ## build bin/akin, with the page in it
	$(GO) build -trimpath -buildvcs=auto -o bin/akin ./cmd/akin

setup: ## fetch what akin needs besides Go, pinned, into .deps
	@scripts/setup

bench: setup build ## measure everything small, in 20 minutes, and tell what got slower; installs the peers
	@scripts/bench

bench-index: setup build ## compare indexing with the same job in Python
	@scripts/bench-index

bench-first: setup build ## time first answers, cold and warm, beside the disk's own time
	@scripts/bench-first

bench-models: setup ## compare networks with PyTorch, ONNX Runtime and OpenVINO; needs 10 GB
	@scripts/bench-models

bench-map: ## compare the map with umap-learn: trustworthiness, time, memory
	@scripts/bench-map

bench-search: setup ## compare vector search with FAISS, hnswlib, usearch, NumPy; about five hours
	@scripts/bench-search -made 100k

bench-dupes: setup build ## compare duplicates with imagededup, czkawka and SSCD
	@scripts/bench-dupes

bench-quality: setup ## measure the models on the labelled sets that akin fetch has fetched
	@scripts/bench-quality

bench-serve: build ## compare HTTP searches with FastAPI and FAISS; needs wrk
	@scripts/bench-serve

fuzz-api: setup build ## fuzz the HTTP API from its OpenAPI with schemathesis; two minutes
	@scripts/fuzz-api

dist: setup build ## make a folder that runs anywhere when copied
	@scripts/dist

release: setup build ## make all packages, for all systems, into dist/release
	@scripts/release

test-release: ## test the packages of make release where nothing else is; needs root
	@scripts/test-release

clean: ## remove what the other targets built
	rm -rf bin dist demo bench/.venv bench/.venv-fuzz bench/.work
