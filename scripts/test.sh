#!/usr/bin/env bash
# Set up and run every check of the project: lint, types, data, tests.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

echo "Lint and types …"
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
echo "Data …"
.venv/bin/python scripts/build_authored.py --check
.venv/bin/python scripts/split_corpus.py --check
.venv/bin/stance data check data/annotations/SOC_CP_365.jsonl data/annotations/passes/*.jsonl data/authored/annotations/*.jsonl --meetings data/meetings --meetings data/authored/meetings
echo "Tests …"
# One thread in each of the two processes: with more they wait for each other. All tests of Ray in one of them, with one
# cluster. `bash scripts/test.sh -m ""` runs the long ones too.
OMP_NUM_THREADS=1 .venv/bin/python -m pytest -n 2 --dist loadgroup "$@"
