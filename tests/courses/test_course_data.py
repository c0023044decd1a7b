"""CIFAR-10 as the courses' notebooks get it: order, shapes, where it is looked for, what is refused."""

import io
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chainrule.core.errors import ArrayTypeError, DataError, SettingError
from chainrule.courses.c147.utils import data_utils as c147
from chainrule.courses.cs145.data import data_utils as cs145
from chainrule.courses.cs182 import data_utils as cs182
from chainrule.courses.cs231n import data_utils as cs231n
from chainrule.courses.cs682 import data_utils as cs682
from chainrule.courses.modular import data_utils
from chainrule.datasets import cifar10
from chainrule.datasets.batch_file import Batch

KEYS = ["X_train", "y_train", "X_val", "y_val", "X_test", "y_test"]
COURSES = {"cs231n": cs231n, "cs682": cs682, "cs182": cs182, "c147": c147}
PLACES = {"cs231n": "cs231n", "cs682": "cs682", "cs182": "deeplearning", "c147": "utils"}


def pixels_of(path):
    """The batch that stands for a file in these tests: (10000, 3072) uint8, another one for each name."""
    return np.random.default_rng(list(Path(path).name.encode())).integers(0, 256, (10_000, 3072), dtype=np.uint8)


def read(path):
    return Batch(pixels_of(path), np.arange(10_000) % 10)


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """A folder whose six batches are drawn, not read."""
    monkeypatch.setattr(data_utils, "find_cifar10", lambda place: (tmp_path, replace(cifar10.PYTHON, read=read)))
    return tmp_path


# -- get_CIFAR10_data --------------------------------------------------------------------------------------------------


def test_rows_are_in_the_official_order_and_the_mean_training_image_is_subtracted(stand_in):
    data = cs231n.get_CIFAR10_data(num_training=10_001, num_validation=2, num_test=3)
    assert list(data) == KEYS
    rows = np.concatenate([pixels_of("data_batch_1"), pixels_of("data_batch_2")]).reshape(-1, 3, 32, 32)
    mean = rows[:10_001].astype(float).mean(axis=0)
    test = pixels_of("test_batch").reshape(-1, 3, 32, 32)
    for name, part in (("X_train", rows[:10_001]), ("X_val", rows[10_001:10_003]), ("X_test", test[:3])):
        assert data[name].dtype == np.float64
        assert data[name].shape == part.shape
        assert np.allclose(data[name], part - mean, rtol=0, atol=1e-11)
        assert data[name].flags.c_contiguous
        assert data[name].flags.writeable
    assert np.array_equal(data["y_val"], [1, 2])
    assert data["y_train"].dtype.kind == "i"


def test_the_mean_stays_on_request_and_nothing_is_scaled(stand_in):
    data = cs682.get_CIFAR10_data(num_training=5, num_validation=1, num_test=1, subtract_mean=False)
    assert np.array_equal(data["X_train"], pixels_of("data_batch_1")[:5].reshape(-1, 3, 32, 32))


@pytest.mark.parametrize("course", COURSES)
def test_cs182_alone_prints_the_six_files(course, stand_in, capsys):
    COURSES[course].get_CIFAR10_data(5, 1, 1)
    lines = [str(stand_in / name) for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")]
    assert capsys.readouterr().out.splitlines() == (lines if course == "cs182" else [])


@pytest.mark.parametrize("course", COURSES)
def test_each_course_has_its_own_place(course, monkeypatch):
    asked = []

    def find(place):
        asked.append(place)
        raise DataError("enough")

    monkeypatch.setattr(data_utils, "find_cifar10", find)
    with pytest.raises(DataError, match="enough"):
        COURSES[course].get_CIFAR10_data()
    assert asked == [f"{PLACES[course]}/datasets/cifar-10-batches-py"]


def test_the_places_are_searched_in_order(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    places = {name: tmp_path / name / "cifar-10-batches-py" for name in ("course", "named", "data", "cache")}
    for folder in places.values():
        folder.mkdir(parents=True)
        (folder / "data_batch_1").touch()
    monkeypatch.setenv("CIFAR10_DIR", str(places["named"]))
    monkeypatch.setenv("CHAINRULE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache")
    monkeypatch.setattr(cifar10, "fetch", lambda *a, **k: pytest.fail("downloaded before all places were searched"))
    for name in ("course", "named", "data", "cache"):
        found, layout = data_utils.find_cifar10("course/cifar-10-batches-py")
        assert found.resolve() == places[name]
        assert layout is cifar10.PYTHON
        (places[name] / "data_batch_1").unlink()
    monkeypatch.setattr(cifar10, "fetch", lambda remote, place, progress: (_ for _ in ()).throw(DataError("fetching")))
    with pytest.raises(DataError, match="fetching"):
        data_utils.find_cifar10("course/cifar-10-batches-py")


@pytest.mark.parametrize(
    ("counts", "error", "words"),
    [
        ({"num_training": 49_001}, SettingError, r"at most 50000 .* came 49001 \+ 1000"),
        ({"num_test": 10_001}, SettingError, "num_test at most 10000"),
        ({"num_training": 0}, SettingError, "num_training must be"),
        ({"num_validation": -1}, SettingError, "num_validation must be"),
        ({"num_training": 1.5}, ArrayTypeError, "num_training must be a whole number"),
        ({"num_test": "3"}, ArrayTypeError, "num_test must be a whole number"),
    ],
)
def test_wrong_counts_get_a_sentence(counts, error, words):
    with pytest.raises(error, match=words):
        cs231n.get_CIFAR10_data(**counts)


def test_counts_of_numpy_are_taken(stand_in):
    assert len(c147.get_CIFAR10_data(np.int64(5), np.int32(0), 0)["X_train"]) == 5


# -- load_CIFAR10, load_CIFAR_batch, load_pickle -----------------------------------------------------------------------


def test_load_CIFAR10_has_channels_last_and_says_where_it_read(monkeypatch, stand_in, capsys):
    monkeypatch.setattr(data_utils, "TRAIN_ROWS", 12_000)
    X_train, y_train, X_test, y_test = cs145.load_CIFAR10("./data/datasets/cifar-10-batches-py")
    rows = np.concatenate([pixels_of("data_batch_1"), pixels_of("data_batch_2")[:2000]]).reshape(-1, 3, 32, 32)
    assert X_train.dtype == X_test.dtype == np.float64
    assert X_train.shape == (12_000, 32, 32, 3)
    assert X_test.shape == (10_000, 32, 32, 3)
    for row, i, j, channel in ((0, 0, 1, 0), (0, 1, 0, 2), (11_999, 31, 5, 1)):
        assert X_train[row, i, j, channel] == rows[row, channel, i, j]
    assert y_train.shape == (12_000,)
    assert y_test.dtype.kind == "i"
    assert f"not in data/datasets/cifar-10-batches-py; read from {stand_in}" in capsys.readouterr().err
    X_train -= X_train.mean(axis=0)  # as the notebook does, in place
    cs145.load_CIFAR10(stand_in)
    assert capsys.readouterr().err == ""


def test_load_CIFAR10_of_cs182_prints_the_files(monkeypatch, stand_in, capsys):
    monkeypatch.setattr(data_utils, "TRAIN_ROWS", 10)
    monkeypatch.setattr(data_utils, "ROWS", 10)
    cs182.load_CIFAR10(stand_in)
    assert capsys.readouterr().out.splitlines()[0] == str(stand_in / "data_batch_1")


@pytest.mark.parametrize("root", [None, 3, "a\0b"])
def test_a_root_that_is_no_path_is_refused(root):
    with pytest.raises(SettingError, match="ROOT must be a path"):
        cs145.load_CIFAR10(root)


def official(n=10_000):
    """A batch as the official files are written, in protocol 2, with bytes for keys."""
    pixels = np.random.default_rng(5).integers(0, 256, (n, 3072), dtype=np.uint8)
    content = {"batch_label": "testing", "labels": [i % 10 for i in range(n)], "data": pixels, "filenames": ["a"] * n}
    return pixels, pickle.dumps(content, protocol=2)


def test_one_batch_file_in_every_way(tmp_path):
    pixels, content = official()
    path = tmp_path / "data_batch_1"
    path.write_bytes(content)
    X, y = cs231n.load_CIFAR_batch(path)
    assert X.shape == (10_000, 32, 32, 3)
    assert X.dtype == np.float64
    assert np.array_equal(X[3].transpose(2, 0, 1).ravel(), pixels[3])
    assert np.array_equal(y[:12], [*range(10), 0, 1])
    with open(path, "rb") as stream:
        batch = cs231n.load_pickle(stream)
    assert np.array_equal(batch["data"], pixels)
    assert batch["labels"] == y.tolist()
    assert np.array_equal(cs231n.load_pickle(path)["data"], pixels)
    path.write_bytes(content[:-1000])
    with pytest.raises(DataError, match=r"data_batch_1.*bytes expected"):
        cs231n.load_CIFAR_batch(path)


class Surprise:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_any_other_pickle_is_refused_and_nothing_runs(tmp_path):
    for content in (Surprise(tmp_path / "ran"), {"label_names": ["cat"]}, [1, 2]):
        with pytest.raises(DataError, match=r"reads CIFAR-10 batches alone.*\.npz"):
            cs145.load_pickle(io.BytesIO(pickle.dumps(content)))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("f", [None, 3, io.StringIO("text")])
def test_what_is_no_binary_file_is_refused(f):
    with pytest.raises(ArrayTypeError, match=r'load_pickle: f must be a file .*"rb"'):
        cs145.load_pickle(f)


# -- Tiny ImageNet and saved models ------------------------------------------------------------------------------------


@pytest.fixture
def tiny(tmp_path, rng):
    """A folder in Tiny ImageNet's layout: two classes, a grey image among the training ones."""
    from PIL import Image

    def image(path, shape=(64, 64, 3)):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).save(path)

    (tmp_path / "wnids.txt").write_text("n02\nn01\n")
    (tmp_path / "words.txt").write_text("n01\tgoldfish, Carassius auratus\nn02\tbullfrog\nn03\tnot used\n")
    for wnid in ("n01", "n02"):
        for i in range(2):
            image(tmp_path / "train" / wnid / "images" / f"{wnid}_{i}.png", (64, 64) if i else (64, 64, 3))
        (tmp_path / "train" / wnid / f"{wnid}_boxes.txt").write_text(
            f"{wnid}_0.png\t0\t0\t9\t9\n{wnid}_1.png\t0\t0\t9\t9\n"
        )
    image(tmp_path / "val" / "images" / "val_0.png")
    (tmp_path / "val" / "val_annotations.txt").write_text("val_0.png\tn01\t0\t0\t9\t9\n")
    image(tmp_path / "test" / "images" / "test_0.png")
    return tmp_path


def test_tiny_imagenet(tiny):
    data = cs231n.load_tiny_imagenet(tiny, dtype=np.float64, subtract_mean=False)
    assert data["class_names"] == [["bullfrog"], ["goldfish", "Carassius auratus"]]
    assert data["X_train"].shape == (4, 3, 64, 64)
    assert np.array_equal(data["y_train"], [0, 0, 1, 1])
    assert np.array_equal(data["y_val"], [1])
    assert data["y_test"] is None
    assert data["X_test"].shape == (1, 3, 64, 64)
    assert np.array_equal(data["X_train"][1, 0], data["X_train"][1, 2])  # grey
    assert np.allclose(data["mean_image"], data["X_train"].mean(axis=0))
    centred = cs231n.load_tiny_imagenet(tiny)
    assert centred["X_val"].dtype == np.float32
    assert np.allclose(centred["X_val"], data["X_val"] - data["mean_image"], atol=1e-4)


def test_tiny_imagenet_that_is_none_gets_a_sentence(tiny):
    (tiny / "val" / "images" / "val_0.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"val_0\.png: it should be an image"):
        cs231n.load_tiny_imagenet(tiny)
    (tiny / "wnids.txt").unlink()
    with pytest.raises(DataError, match=r"wnids\.txt.*Tiny ImageNet's layout"):
        cs231n.load_tiny_imagenet(tiny)


def test_saved_models(tmp_path):
    import chainrule as cr

    net = cr.TwoLayerNet(input_dim=4, hidden_dim=3, num_classes=2, seed=5)
    net.save(tmp_path / "best.safetensors")
    (tmp_path / "README.txt").write_text("left alone")
    models = cs231n.load_models(tmp_path)
    assert list(models) == ["best.safetensors"]
    assert np.array_equal(models["best.safetensors"].params["W1"], net.params["W1"])
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "model.pkl").write_bytes(pickle.dumps({}))
    with pytest.raises(DataError, match=r"holds no \.safetensors file.*[Pp]ickle"):
        cs231n.load_models(tmp_path / "old")
