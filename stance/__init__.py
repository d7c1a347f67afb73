"""Stance of delegations towards a proposed treaty, read from UN meeting summaries.

``stance.label("summary.txt")`` labels documents; ``stance.Classifier.load(...)`` brings a trained model back;
``stance.load_dataset("authored")`` gives the annotated statements as a ``datasets.Dataset``. Heavy libraries are
imported when one of these is first used, never by ``import stance``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stance.corpus import load_dataset
    from stance.labelling import Labelling
    from stance.model import Classifier

__version__ = "0.1.0"
__all__ = ["Classifier", "__version__", "label", "load_dataset"]


def label(
    *inputs: str, model: str | None = None, target: str | None = None, explain: bool = False, progress: bool = False
) -> Labelling:
    """Label meeting summaries.

    Parameters
    ----------
    *inputs : str
        Files, folders or globs.
    model : str, optional
        Model folder or hub id; the default model when left out.
    target : str, optional
        Id of a target or a YAML file; the model's own when left out.
    explain : bool, default False
        Find which words carried the labels, for the report.
    progress : bool, default False
        Show on standard error how far the work is.

    Returns
    -------
    Labelling
        ``.statements``, ``.positions`` and ``.overall`` are data frames, ``.to_html()`` is the report, and a notebook shows
        the answer by itself. ``.failures`` tells which inputs could not be read, ``.warnings`` what to look at.

    Raises
    ------
    InputError
        If no input can be read.
    """
    from stance.errors import InputError
    from stance.labelling import label_inputs
    from stance.model import Classifier
    from stance.targets import load_target

    chosen = load_target(target) if target else None
    result = label_inputs(list(inputs), Classifier.load(model), chosen, progress=progress)
    if result.failures and not result.documents:
        raise InputError("\n".join(failure.message for failure in result.failures))
    if explain:
        result.explain(progress=progress)
    return result


def __getattr__(name: str) -> Any:
    if name == "Classifier":
        from stance.model import Classifier

        return Classifier
    if name == "load_dataset":
        from stance.corpus import load_dataset

        return load_dataset
    raise AttributeError(f"module 'stance' has no attribute {name!r}")
