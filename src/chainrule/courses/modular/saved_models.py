"""Models from a folder of saved ones."""

from pathlib import Path

from chainrule.core.errors import DataError
from chainrule.core.paths import path_of
from chainrule.nets import Net, load_net


def load_models(models_dir: str | Path) -> dict[str, Net]:
    """Every net that `net.save` wrote into a folder, by the name of its file.

    The courses' own function unpickles every file that it finds, which runs whatever code its writer put in; this one
    reads `.safetensors` files and leaves all others alone.

    Raises:
        DataError: no such folder, or none of its files is a saved net.
        FileFormatError: a net that is damaged, foreign or newer than this library.
    """
    folder = path_of(models_dir, owner="load_models", name="models_dir")
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise DataError(
            f"load_models: {folder} holds no .safetensors file; models must be saved with net.save(...). Pickled models "
            f"are not read, since a pickle can run whatever code its writer put in."
        )
    return {file.name: load_net(file) for file in files}
