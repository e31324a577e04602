"""A version that loses nothing beside the champion: its own model, with another line in its card."""


def copy_champion(folder: str, command: str) -> str:
    """The code, for Python in the trainer's container. Another `command` is another version."""
    return f"""
import json, pathlib, shutil
folder = pathlib.Path("{folder}")
shutil.copytree("models/champion", folder, dirs_exist_ok=True)
card = json.loads((folder / "model.json").read_text())
(folder / "model.json").write_text(json.dumps(card | {{"command": "{command}"}}))
"""
