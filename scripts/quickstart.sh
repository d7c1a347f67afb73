#!/usr/bin/env bash
# From nothing to positions: set up, train on the annotated debate, label the example summary, write tables and report.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

echo "Training a classifier on the debate of 17 April 2015 (leave-one-delegation-out, then on all of it) …"
.venv/bin/stance train configs/minilm.yaml --out runs/minilm
echo "Labelling the example summary with it …"
.venv/bin/stance label data/examples/committee_debate.txt --model runs/minilm --out out/quickstart
echo "Labelling it with the model that ships with the package …"
.venv/bin/stance label data/examples/committee_debate.txt --explain --out out/default
echo
echo "Tables:  out/quickstart/positions.csv, out/quickstart/statements.csv (and .parquet)"
echo "Report:  out/quickstart/report.html  (open it in a browser)"
echo "Model:   runs/minilm/README.md; the shipped model's tables and report are in out/default"
