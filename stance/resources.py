"""Where the package's own files lie: configurations, targets and the default model.

In an installed package they are inside it; in a checkout ``configs/`` stands at the top, where people look for it.
"""

from __future__ import annotations

import os
from pathlib import Path

from stance.errors import ConfigError

__all__ = [
    "beside",
    "codebook_path",
    "configs_folder",
    "default_model_folder",
    "existing_path",
    "packaged_models",
    "targets_folder",
    "user_folder",
]

_PACKAGE = Path(__file__).resolve().parent


def configs_folder() -> Path:
    """Return the folder of configurations that ships with the package."""
    inside = _PACKAGE / "_configs"
    return inside if inside.is_dir() else _PACKAGE.parent / "configs"


def targets_folder() -> Path:
    """Return the folder of targets that ships with the package."""
    return configs_folder() / "targets"


def codebook_path() -> Path:
    """Return the file that says how stance is coded."""
    inside = _PACKAGE / "_configs" / "CODEBOOK.md"
    return inside if inside.is_file() else _PACKAGE.parent / "data" / "CODEBOOK.md"


def default_model_folder() -> Path:
    """Return the folder of the model that is used when the user names none."""
    return _PACKAGE / "models" / "default"


def packaged_models() -> dict[str, Path]:
    """Return the folders of the models that ship with the package, by name."""
    found = default_model_folder().parent
    return {p.name: p for p in sorted(found.iterdir()) if (p / "model.json").is_file()} if found.is_dir() else {}


def user_folder() -> Path:
    """Return the folder of this package for what it keeps for the user; ``STANCE_CACHE`` names another."""
    from platformdirs import user_cache_path

    named = os.environ.get("STANCE_CACHE")
    return Path(named) if named else user_cache_path("stance")


def beside(source: Path, name: str) -> Path:
    """Return a file that another one names: beside that, or else as it stands."""
    found = source.parent / name
    return found if found.is_file() else Path(name)


def existing_path(name: str) -> Path:
    """Find a path of a configuration: as given, or in the checkout that the configurations belong to.

    Raises
    ------
    ConfigError
        If it is in neither.
    """
    for candidate in (Path(name), configs_folder().parent / name):
        if candidate.exists():
            return candidate
    raise ConfigError(f"data: {name}: no such file or folder")
