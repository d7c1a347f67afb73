"""The arithmetic in which a fine-tuned network predicts: exact, or faster and as good as equal.

``float32`` is what a model was measured in. ``bfloat16`` is faster where the processor multiplies such matrices in
hardware; ``int8`` multiplies 8-bit integers in onnxruntime (dynamic quantization). Neither is taken on trust:
:func:`choose_precision` labels a sample in each, and one that changes labels or probabilities by more than the bounds
below is not chosen, however fast it is.
"""

from __future__ import annotations

import copy
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stance.classifiers.cross_encoder import CrossEncoderClassifier
from stance.classifiers.neural import FineTunedClassifier
from stance.encoding import Encoded
from stance.errors import ConfigError, ModelError, install_extra
from stance.model import Classifier
from stance.positions import decide_answered

if TYPE_CHECKING:
    from stance.engines.work import Work

__all__ = [
    "AUTO",
    "LARGEST_DIFFERENCE",
    "LEAST_EQUAL",
    "PRECISIONS",
    "Choice",
    "Trial",
    "check_precision",
    "choose_precision",
    "in_precision",
    "limit_shapes",
    "settle_precision",
]

log = logging.getLogger(__name__)

#: From the most exact to the least.
PRECISIONS = ("float32", "bfloat16", "int8")
#: The fastest of them that is as good as float32.
AUTO = "auto"
#: Statements of a run below which nothing is tried.
FEW = 10_000
#: Least share of a sample's labels that must be those of float32.
LEAST_EQUAL = 0.995
#: Most that a probability in a sample may differ from float32's.
LARGEST_DIFFERENCE = 0.02
#: Times the speed of a more exact one that a less exact one must reach. Below that, chance would choose.
_WORTH = 1.2
#: Shapes of batches for which oneDNN keeps what it made.
_SHAPES_KEPT = "16"
#: Statements of a trial.
_SAMPLE = 512


@dataclass(frozen=True)
class Trial:
    """How a precision did on a sample.

    Attributes
    ----------
    precision : str
    rate : float
        Statements a second.
    equal : float
        Share of the labels that are those of float32.
    largest_difference : float
        Largest absolute difference of a probability from float32's.
    """

    precision: str
    rate: float
    equal: float
    largest_difference: float

    @property
    def agrees(self) -> bool:
        """Whether labels and probabilities are as good as those of float32."""
        # Not comparisons from the other side: what is no number is no agreement.
        return self.equal >= LEAST_EQUAL and self.largest_difference <= LARGEST_DIFFERENCE


@dataclass(frozen=True)
class Choice:
    """A precision, and the trials that it was chosen by (none where there was nothing to choose).

    Attributes
    ----------
    precision : str
    statements : int
        Size of the sample.
    trials : tuple of Trial
    """

    precision: str
    statements: int = 0
    trials: tuple[Trial, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return what a manifest says of it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Choice:
        """Return what :meth:`to_dict` gave."""
        return cls(found["precision"], found["statements"], tuple(Trial(**t) for t in found["trials"]))


def in_precision(model: Classifier, precision: str) -> Classifier:
    """Return a model that predicts in another arithmetic; the given one stays as it is.

    Parameters
    ----------
    model : Classifier
    precision : {"float32", "bfloat16", "int8"}

    Returns
    -------
    Classifier
        For prediction only: it cannot be trained or saved in that arithmetic.

    Raises
    ------
    ConfigError
        If the model is none of a network, or packages are missing.
    """
    check_precision(model, precision)
    if precision == "float32":
        return model
    estimator = copy.copy(model.estimator)
    assert isinstance(estimator, FineTunedClassifier)
    estimator._model = _in_bfloat16(estimator) if precision == "bfloat16" else _Quantized(model)
    return replace(model, estimator=estimator)


def limit_shapes() -> None:
    """Let oneDNN keep what it makes for a few shapes of batches only, before this process computes anything.

    It keeps a program and, in bfloat16, a copy of the weights for each: a gigabyte after a thousand of them. What the user
    set in the environment holds.
    """
    for name in ("LRU_CACHE_CAPACITY", "ONEDNN_PRIMITIVE_CACHE_CAPACITY"):
        os.environ.setdefault(name, _SHAPES_KEPT)


def check_precision(model: Classifier, precision: str) -> None:
    """Check that a model can predict in a precision, before there is work that would be lost.

    Parameters
    ----------
    model : Classifier
    precision : str
        A precision, or ``auto``.

    Raises
    ------
    ConfigError
        If it cannot.
    """
    if precision not in (AUTO, *PRECISIONS):
        raise ConfigError(f"precision: {precision!r} is none of {', '.join((AUTO, *PRECISIONS))}")
    why = _impossible(model, precision)
    if why:
        raise ConfigError(f"precision {precision}: {why}")


def choose_precision(model: Classifier, encoded: Sequence[Encoded], *, try_all: bool = False) -> Choice:
    """Choose the fastest precision of this machine that gives the labels of float32.

    A less exact one must be a fifth faster than each more exact one that is possible, so that two runs choose alike.
    Converting a model to 8-bit integers takes half a minute and a gigabyte: where bfloat16 will do, they are not tried.

    Parameters
    ----------
    model : Classifier
    encoded : sequence of Encoded
        Statements of the work that is to be done; at most 512 of them, spread evenly over the lengths, are tried.
    try_all : bool
        Try 8-bit integers whatever bfloat16 does.

    Returns
    -------
    Choice
    """
    candidates = [name for name in PRECISIONS[1:] if not _impossible(model, name) and _may_be_faster(name)]
    if not candidates or not encoded:
        return Choice("float32")
    by_length = sorted(encoded, key=lambda e: (len(e.premise), e.premise))
    chosen = np.unique(np.linspace(0, len(by_length) - 1, _SAMPLE).round().astype(int))
    sample = [by_length[i] for i in chosen]
    exact, rate = _timed(model, sample)
    labels = np.array(decide_answered(exact, model.decision.threshold), dtype=object)
    trials = [Trial("float32", rate, 1.0, 0.0)]
    best = trials[0]
    for name in candidates:
        if best.precision != "float32" and not try_all:
            break
        try:
            found, rate = _timed(in_precision(model, name), sample)
        except (ModelError, RuntimeError) as error:
            log.info("%s is not possible here: %s", name, str(error).splitlines()[0])
            continue
        # Arithmetic that gives no numbers gives no labels, and agrees with nothing.
        same = np.array(decide_answered(found, model.decision.threshold), dtype=object) == labels
        trial = Trial(name, rate, float(same.mean()), float(np.abs(found - exact).max()))
        trials.append(trial)
        log.info("%s: %.0f statements a second, %.1f %% equal", name, rate, 100 * trial.equal)
        if trial.agrees and trial.rate >= _WORTH * best.rate:
            best = trial
    return Choice(best.precision, len(sample), tuple(trials))


def settle_precision(model: Classifier, wished: str, sample: Sequence[Encoded], total: int, work: Work) -> Choice:
    """Return the precision of a run; what was chosen once stays chosen when the run is resumed.

    Parameters
    ----------
    model : Classifier
    wished : str
        A precision, or ``auto``.
    sample : sequence of Encoded
        The first portion of the run.
    total : int
        Statements of the run. In a short one ``auto`` is float32: a trial would take longer than it saves.
    work : Work
        Where the choice is kept.

    Returns
    -------
    Choice
    """
    if wished != AUTO:
        return Choice(wished)
    if total < FEW:
        return Choice("float32")
    kept = work.note("precision")
    if kept is not None:
        return Choice.from_dict(kept)
    choice = choose_precision(model, sample)
    work.keep_note("precision", choice.to_dict())
    return choice


def _timed(model: Classifier, sample: list[Encoded]) -> tuple[NDArray[np.float64], float]:
    """Return a sample's probabilities, shape (n, 3), and the statements a second."""
    model.predict_proba(sample[:: max(1, len(sample) // 32)])
    begun = time.perf_counter()
    found = model.predict_proba(sample)
    return found, len(sample) / (time.perf_counter() - begun)


def _impossible(model: Classifier, precision: str) -> str | None:
    """Return why a model cannot predict in a precision; None where it can."""
    kind = model.estimator.kind
    if precision == "bfloat16" and not isinstance(model.estimator, FineTunedClassifier):
        return f"only fine-tuned networks predict in it; {model.name} is a {kind} model"
    if precision == "int8":
        if not isinstance(model.estimator, CrossEncoderClassifier):
            return f"only cross-encoders predict in it; {model.name} is a {kind} model"
        from stance.export import missing_packages

        missing = missing_packages()
        if missing:
            return f"it needs other packages ({', '.join(missing)} missing); {install_extra('onnx')}"
    return None


def _may_be_faster(precision: str) -> bool:
    from stance.classifiers.batches import has_bfloat16

    return precision != "bfloat16" or has_bfloat16()


def _in_bfloat16(estimator: FineTunedClassifier) -> Any:
    import torch

    network = copy.deepcopy(estimator._model).eval()
    # A head of our own stays exact: it is small, and the last to round.
    getattr(network, "backbone", network).to(torch.bfloat16)
    return network


def _write_quantized(model: Classifier, folder: Path) -> Path:
    """Convert a model in a process of its own: converting takes a gigabyte, which would stay with a long run.

    Raises
    ------
    ModelError
        If it cannot be converted.
    """
    (folder / "model").mkdir()
    # A copy, because saving notes the new folder's digest in the model.
    replace(model).save(folder / "model")
    command = [
        sys.executable,
        "-m",
        "stance",
        "export",
        str(folder / "model"),
        "--out",
        str(folder / "onnx"),
        "--quantize",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        why = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise ModelError(f"{model.name}: cannot be converted to 8-bit integers: {why[-1]}")
    return folder / "onnx" / "model.int8.onnx"


class _Quantized:
    """A network of 8-bit integers in onnxruntime that is called as the module is that it was made from."""

    def __init__(self, model: Classifier) -> None:
        import onnxruntime
        import torch

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        # Kept between batches of different shapes, memory would grow by a gigabyte.
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        with tempfile.TemporaryDirectory(prefix="stance-") as name:
            path = _write_quantized(model, Path(name))
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._inputs = [x.name for x in self._session.get_inputs()]

    def __call__(self, **batch: Any) -> dict[str, Any]:
        import torch

        (logits,) = self._session.run(["logits"], {name: batch[name].numpy() for name in self._inputs})
        return {"logits": torch.from_numpy(logits)}
