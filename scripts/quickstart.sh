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
echo "Labels of the shipped model:   out/default/positions.csv, statements.csv (and .parquet), report.html (open it in a browser)"
echo "Labels of the one trained here: out/quickstart, to see how it is done. Sixty-eight statements are too few to learn from:"
echo "its card, runs/minilm/README.md, says that it is hardly better than always answering neutral."
echo
echo "To go on:  source .venv/bin/activate"
