"""The work in this process, one shard and one portion after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stance.documents import Input
from stance.engines.stages import Roll, Shelf, classify, portions, read_shard, shards_of
from stance.engines.work import Work
from stance.model import Classifier
from stance.positions import have_label
from stance.precision import Choice, in_precision, settle_precision
from stance.progress import Progress
from stance.targets import Target

__all__ = ["run"]


def run(
    items: Sequence[Input],
    model: Classifier,
    target: Target,
    work: Work,
    shelf: Shelf | None = None,
    *,
    precision: str = "float32",
    progress: bool = False,
) -> tuple[Roll, NDArray[np.float64], Choice]:
    """Read and classify, without what is done already.

    Parameters
    ----------
    items : sequence of Input
    model : Classifier
    target : Target
    work : Work
        Where what is done is kept.
    shelf : Shelf, optional
        Where the first documents are put.
    precision : str, default "float32"
        The arithmetic of the classifier, or ``auto``.
    progress : bool, default False
        Show how far it is on standard error.

    Returns
    -------
    Roll
        Which of the different statements each statement is.
    ndarray of shape (n, 3)
        Probabilities of the different statements; columns for, against, neutral.
    Choice
        The arithmetic that was used.
    """
    shards = shards_of(items)
    with Progress("reading", len(items), "documents", shown=progress) as bar:
        for number, part in enumerate(shards):
            if not work.has_shard(number):
                work.keep_shard(number, read_shard(part, target, model.options, shelf))
            bar.advance(len(part))
    roll = Roll()
    proba = [np.zeros((0, 3))]
    total = sum(map(work.count, range(len(shards))))
    model.show_questions(progress)
    # Questions to a server have a bar of their own.
    with Progress("classifying", total, "statements", shown=progress and not model.estimator.remote) as bar:
        choice, quick = Choice("float32"), None
        for number, waiting in enumerate(portions(roll, map(work.encoded, range(len(shards))))):
            if number == 0:
                choice = settle_precision(model, precision, waiting, total, work)
            if work.has_portion(number):
                found = work.portion(number)
            else:
                quick = quick or in_precision(model, choice.precision)
                found = classify(quick, waiting)
                # What a server did not answer is asked again by a run that goes on here.
                if have_label(found).all():
                    work.keep_portion(number, found)
            proba.append(found)
            bar.reach(sum(len(places) for places in roll.places))
    return roll, np.concatenate(proba), choice
