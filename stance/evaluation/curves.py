"""What programs that train one configuration many times share: samples of whole groups, runs that go on, tables."""

from __future__ import annotations

from stance.config import RunConfig
from stance.errors import ConfigError

__all__ = ["fixed_threshold"]


def fixed_threshold(config: RunConfig) -> float:
    """Return the threshold of a configuration that is used without calibration.

    Raises
    ------
    ConfigError
        If it is to be tuned, for which these runs hold nothing out.
    """
    if config.decision.threshold == "auto":
        raise ConfigError(
            "decision.threshold: auto is tuned by stance train alone; override it with --set decision.threshold=0.5"
        )
    return config.decision.threshold
