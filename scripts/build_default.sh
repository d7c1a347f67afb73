#!/usr/bin/env bash
# Train the model that ships with the package: first on six rounds of the authored corpus, then on the press releases.
# Half an hour on two cores with bfloat16, up to two hours on others.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

.venv/bin/stance train configs/six_rounds.yaml --out runs/six_rounds
.venv/bin/stance train configs/default.yaml --out "${1:-runs/default}"
