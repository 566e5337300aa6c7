# The commands that people and scripts rely on. `make run` and `make test` start from a fresh clone.
.PHONY: run test nightly bench dist setup clean
.DEFAULT_GOAL := run
SHELL := bash

TARGET := $(or $(CARGO_TARGET_DIR),target)
MYSAFE := $(TARGET)/debug/mysafe

# Everything to a running demo organization, on an embedded database under data/.
run: setup dist
	cargo build --workspace --all-targets
	@# Filled apart and then moved: a demo that was interrupted leaves nothing behind.
	@if [ ! -e data/database ]; then \
	  rm -rf data.part && \
	  MYSAFE_DATABASE=surrealkv://data.part/database MYSAFE_KEYS=data.part/server-keys $(MYSAFE) demo && \
	  mkdir -p data && mv data.part/server-keys data/ && mv data.part/database data/ && rmdir data.part; \
	fi
	@echo "Usernames: admin, ana, bruno, carla. Password: mysafe-demo"
	exec $(MYSAFE) serve

# Lints, unit tests, store tests, server tests, end-to-end tests. Ends with the counts.
test: setup
	scripts/test.sh

# What takes hours: many more random steps and kills than `make test` does, against the program as it is released.
nightly: setup
	WALK_STEPS=100000 KILLS=500 cargo nextest run --release --workspace -E 'binary(system)' --no-capture

# The benchmarks: a table, and the same figures in target/bench/report.json.
bench: setup dist
	scripts/bench.sh

# The web application, into dist/.
dist: setup
	scripts/web.sh

setup:
	@scripts/setup.sh

clean:
	rm -rf dist target data.part
