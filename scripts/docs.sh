#!/usr/bin/env bash
# Build the documentation into out/docs; a warning is an error.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
.venv/bin/python -m sphinx -W --keep-going -q -b html docs out/docs
echo "Documentation: out/docs/index.html"
