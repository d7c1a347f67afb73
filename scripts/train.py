#!/usr/bin/env python3
"""Train a classifier from a checkout: python scripts/train.py configs/minilm.yaml [--set key.path=value] [--out DIR].

Several processes share the fit of a neural classifier without change of its configuration; each takes batches of
``classifier.batch_size``, so that a step of the optimizer sees batch_size × accumulation × processes statements:

    torchrun --nproc_per_node 2 scripts/train.py configs/six_rounds.yaml                  # processors or GPUs
    accelerate launch --multi_gpu --num_processes 2 scripts/train.py configs/mpnet.yaml

(``accelerate launch --cpu --num_processes 2`` starts a second process only with the options for MPI.)
"""

import sys

from stance.cli import command

if __name__ == "__main__":
    sys.exit(command(["train", *sys.argv[1:]]))
