"""Models for use without this package: a cross-encoder as ONNX, with its tokenizer and what to know about both.

What is written is read back by :func:`predict_exported`, which uses nothing but onnxruntime, tokenizers and
``export.json``, and compared with the model; a file that gives other probabilities is not left behind.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from stance.classifiers.cross_encoder import CrossEncoderClassifier
from stance.encoding import Encoded
from stance.errors import ModelError
from stance.manifest import check_replaceable, fresh_folder, write_json
from stance.model import Classifier
from stance.quiet import quiet
from stance.targets import STANCES

__all__ = ["LARGEST_DIFFERENCE", "export_onnx", "missing_packages", "predict_exported"]

#: Most that a probability of the exported model may differ from the model's; int8 is less exact and exempt.
LARGEST_DIFFERENCE = 1e-4
#: ONNX files end at two gigabytes; weights of larger models go into a file beside.
_ONE_FILE = 1_900_000_000

_HOW = [
    "Texts: in sentence and context, the focal speaker's name becomes [SPEAKER] and every other delegation's [OTHER], "
    "without its article (where encoding.mask is true). The context is the encoding.context sentences before.",
    "Clauses: where encoding.clauses is true, a sentence in which several delegations speak is cut by stance.clauses.focal_part; "
    "the speaker's clauses are the sentence, those before it are the end of the context, those behind are left out.",
    "Pair: the first text is the target's name (empty where encoding.target is false); the second is the context, ' | ' "
    "and the sentence, or the sentence alone where there is no context.",
    "Tokens: encode_batch of the pairs by tokenizer.json; it cuts the second text at its beginning to max_tokens and pads.",
    "Inputs: ids as input_ids, attention_mask as it is, type_ids as token_type_ids; int64, shape (batch, tokens).",
    "Probabilities: the softmax of scale * log_softmax(logits) + bias, columns in the order of labels.",
    "Speakers: the probabilities of one speaker's statements in one document are combined by stance.consistency.agree with "
    "opposite_odds.",
    "Label: the most probable one; where that is for or against with less than threshold, neutral.",
]


def export_onnx(model: Classifier, out: Path, *, quantize: bool = False) -> dict[str, Any]:
    """Write a cross-encoder as ONNX and check that it gives the model's probabilities.

    Parameters
    ----------
    model : Classifier
        With an estimator of kind ``cross-encoder``.
    out : Path
        Folder for ``model.onnx`` (``model.int8.onnx``), ``tokenizer.json`` and ``export.json``; replaced as a whole.
    quantize : bool, default False
        Store weights as 8-bit integers (dynamic quantization of onnxruntime).

    Returns
    -------
    dict
        The content of ``export.json``; ``check.largest_difference`` is the largest absolute difference of a
        probability between the written and the given model.

    Raises
    ------
    ModelError
        If the model is of another kind, cannot be converted, or gives other probabilities afterwards; or if packages
        are missing.
    OutputError
        If the folder holds other files, or cannot be written.
    """
    estimator = model.estimator
    if not isinstance(estimator, CrossEncoderClassifier):
        raise ModelError(f"{model.name}: only cross-encoders can be exported to ONNX; this is a {estimator.kind} model")
    missing = missing_packages()
    if missing:
        raise ModelError(f"exporting needs other packages; run: pip install {' '.join(missing)}")
    tokenizer = estimator._tokenizer
    if tokenizer.sep_token is None or not tokenizer.is_fast:
        raise ModelError(f"{model.name}: its tokenizer has no pairs of texts, or no tokenizer.json; it is not exported")
    check_replaceable(out, "export.json")
    examples = _examples(model)
    with fresh_folder(out) as folder:
        inputs = _write_onnx(estimator, examples, folder / "model.onnx")
        _write_tokenizer(estimator, folder / "tokenizer.json")
        scale, bias = model.calibration.scale_and_bias()
        order = [STANCES.index(str(label)) for label in estimator.classes_]
        record: dict[str, Any] = {
            "name": model.name,
            "digest": model.digest,
            "file": "model.onnx",
            "inputs": inputs,
            "output": "logits",
            "labels": [str(label) for label in estimator.classes_],
            "scale": [scale[i] for i in order],
            "bias": [bias[i] for i in order],
            "threshold": model.decision.threshold,
            "opposite_odds": model.decision.opposite_odds,
            "max_tokens": estimator.max_tokens,
            "encoding": asdict(model.options),
            "target": asdict(model.target),
            "how": _HOW,
        }
        difference = _difference(model, examples, folder, record)
        # Not a comparison from the other side: what is no number is no agreement.
        if not difference <= LARGEST_DIFFERENCE:
            raise ModelError(
                f"{model.name}: the exported model's probabilities differ by {difference:.2g}, more than "
                f"{LARGEST_DIFFERENCE:.0e}; nothing was written"
            )
        if quantize:
            _quantize(folder / "model.onnx", folder / "model.int8.onnx")
            record["file"] = "model.int8.onnx"
            difference = _difference(model, examples, folder, record)
        record["check"] = {"statements": len(examples), "largest_difference": difference}
        write_json(folder / "export.json", record)
    return record


def predict_exported(folder: Path, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """Return the probabilities that an exported model gives, as ``export.json`` says how.

    Parameters
    ----------
    folder : Path
        What :func:`export_onnx` wrote.
    pairs : sequence of (str, str), length n
        Name of the target, and context and sentence.

    Returns
    -------
    ndarray of shape (n, 3)
        Columns in the order of ``labels`` in ``export.json``.
    """
    import onnxruntime
    from tokenizers import Tokenizer

    record = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    encodings = Tokenizer.from_file(str(folder / "tokenizer.json")).encode_batch(list(pairs))
    columns = {
        "input_ids": [e.ids for e in encodings],
        "attention_mask": [e.attention_mask for e in encodings],
        "token_type_ids": [e.type_ids for e in encodings],
    }
    session = onnxruntime.InferenceSession(str(folder / record["file"]), providers=["CPUExecutionProvider"])
    feed = {name: np.array(columns[name], dtype=np.int64) for name in record["inputs"]}
    logits = session.run([record["output"]], feed)[0].astype(np.float64)
    calibrated = log_softmax(logits, axis=1) * np.array(record["scale"]) + np.array(record["bias"])
    return np.asarray(softmax(calibrated, axis=1))


def missing_packages() -> list[str]:
    """Return the packages that conversion to ONNX needs and that are not installed."""
    return [name for name in ("onnx", "onnxscript", "onnxruntime") if importlib.util.find_spec(name) is None]


def _examples(model: Classifier) -> list[Encoded]:
    """Return statements to compare on: short and long, with context and without, one that is cut."""
    target = model.target.name if model.options.target else ""
    near = "[OTHER] had recalled the work of the expert group."
    texts = [
        ("", "[SPEAKER] supported the proposal without reservation."),
        ("", "[SPEAKER] said that the time was not ripe for new negotiations, and that existing law should be used."),
        (near, "[SPEAKER] agreed with that view."),
        (near, "[SPEAKER], however, could not join the consensus and would vote against the draft."),
        ("The Committee met in the morning. " + near, "[SPEAKER] described training courses for judges."),
        ("The Committee went through its programme of work. " * 60 + near, "[SPEAKER] asked for a binding instrument."),
        ("", "No."),
    ]
    return [Encoded(target, context, text) for context, text in texts]


def _write_onnx(estimator: CrossEncoderClassifier, examples: list[Encoded], path: Path) -> list[str]:
    """Write the network and return the names of its inputs."""
    import torch

    class Logits(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = estimator._model

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
            more = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
            return self.network(input_ids=input_ids, attention_mask=attention_mask, **more)["logits"]

    # Two rows of different length, so that neither axis looks like a constant.
    batch = estimator._tokenizer.pad(estimator._tokens(examples[:2]), return_tensors="pt")
    inputs = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in batch]
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("tokens")}
    size = sum(p.numel() * p.element_size() for p in estimator._model.parameters())
    try:
        with quiet("torch.onnx"), torch.inference_mode(False), torch.no_grad():
            torch.onnx.export(
                Logits().eval(),
                tuple(batch[name] for name in inputs),
                path,
                input_names=inputs,
                output_names=["logits"],
                dynamic_shapes=dict.fromkeys(inputs, axes),
                external_data=size > _ONE_FILE,
                verbose=False,
            )
    except (torch.onnx.OnnxExporterError, RuntimeError, ValueError) as error:
        first = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ModelError(f"encoder {estimator.encoder!r} cannot be converted to ONNX: {first}") from None
    return inputs


def _write_tokenizer(estimator: CrossEncoderClassifier, path: Path) -> None:
    """Write the tokenizer with cutting and padding set, so that its file alone gives the tokens of the training."""
    from tokenizers import Tokenizer

    known = estimator._tokenizer
    tokenizer = Tokenizer.from_str(known.backend_tokenizer.to_str())
    tokenizer.enable_truncation(estimator.max_tokens, strategy="only_second", direction=known.truncation_side)
    tokenizer.enable_padding(
        direction=known.padding_side,
        pad_id=known.pad_token_id,
        pad_type_id=known.pad_token_type_id,
        pad_token=known.pad_token,
    )
    tokenizer.save(str(path))


def _quantize(source: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    # It advises to run a preprocessing that gains nothing for the matrix products of a transformer.
    with quiet("", "root", "onnxruntime"):
        # A scale for each row of the weights: the file grows by half a percent and the probabilities differ less.
        quantize_dynamic(source, target, weight_type=QuantType.QInt8, per_channel=True)
    for path in source.parent.glob(f"{source.name}*"):
        path.unlink()


def _difference(model: Classifier, examples: list[Encoded], folder: Path, record: dict[str, Any]) -> float:
    """Return the largest absolute difference of a probability between what was written and the model."""
    write_json(folder / "export.json", record)
    found = predict_exported(folder, [(x.target, x.premise) for x in examples])
    order = [record["labels"].index(stance) for stance in STANCES]
    return float(np.abs(found[:, order] - model.predict_proba(examples)).max())
