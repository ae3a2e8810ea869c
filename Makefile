# Two commands do everything on a fresh machine: `make demo` and `make test`.
# They need Go, a C compiler, and pip and npm as download clients.

GO ?= go

.PHONY: demo test test-long test-web test-cluster web build setup bench bench-dupes bench-map bench-models bench-search bench-serve fuzz-api dist clean

demo: setup build ## index the world's flags and compare them
	@scripts/demo

test: setup build ## every test
	$(GO) test -timeout 30m ./...
	$(GO) test -race -short -timeout 30m ./internal/embed ./internal/store/local ./internal/vector ./internal/source ./internal/runtime ./internal/hub .
	$(GO) test -tags purego -short ./internal/simd ./internal/resample ./internal/vector
	@scripts/test-web

test-long: setup ## the crash test with 2000 kills, and more faults of a cluster; about 25 minutes
	AKIN_KILLS=2000 $(GO) test -timeout 2h -run Kill -v .
	AKIN_FAULTS=1 $(MAKE) test-cluster

test-cluster: setup ## collections in three real Weaviate nodes, killed under load; builds the server once
	@[ -n "$$AKIN_WEAVIATE" ] || scripts/weaviate
	AKIN_WEAVIATE="$${AKIN_WEAVIATE:-$(CURDIR)/.deps/weaviate/weaviate-server}" $(GO) test -count 1 -timeout 30m -v -run 'Cluster|Nodes' ./internal/store/weaviate ./internal/server .

web: ## the page, into web/dist
	@scripts/web

test-web: setup build ## the page alone, in a real browser
	@scripts/test-web

build: web ## bin/akin, the page in it
	$(GO) build -trimpath -o bin/akin ./cmd/akin

setup: ## what akin needs beside Go, pinned, into .deps
	@scripts/setup

bench: setup build ## akin beside the same job in Python; installs what that needs
	@scripts/bench

bench-models: setup ## every model beside PyTorch, ONNX Runtime and OpenVINO; needs 20 GB
	@scripts/bench-models

bench-map: ## the map beside umap-learn: trustworthiness, time and memory
	@scripts/bench-map

bench-search: setup ## vector search beside FAISS, hnswlib, usearch and NumPy; some five hours
	@scripts/bench-search -made 100k

bench-dupes: setup build ## copies found and wrong ones, beside imagededup, czkawka and SSCD
	@scripts/bench-dupes

bench-serve: build ## searches over HTTP beside FastAPI and FAISS; needs wrk
	@scripts/bench-serve

fuzz-api: setup build ## the HTTP API from its own OpenAPI, with schemathesis; two minutes
	@scripts/fuzz-api

dist: setup build ## a folder that runs anywhere when copied
	@scripts/dist

clean:
	rm -rf bin dist demo bench/.venv bench/.venv-dupes bench/.venv-map bench/.venv-models bench/.venv-search bench/.venv-serve bench/.venv-fuzz bench/.work
