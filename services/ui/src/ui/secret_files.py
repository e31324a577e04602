"""Settings from files: what a container is handed in /run/secrets shows in no list of its variables."""

import os
from pathlib import Path

from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource, SettingsError


class SecretFiles(PydanticBaseSettingsSource):
    """Each is named like its variable, in small letters, and counts where that is not set; empty, it does not."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[str | None, str, bool]:
        prefix = self.config.get("env_prefix", "")
        folder = os.environ.get(f"{prefix}SECRETS_DIR") or "/run/secrets"
        return read_secret(Path(folder, f"{prefix}{field_name}".lower())), field_name, False

    def __call__(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, field in self.settings_cls.model_fields.items():
            content = None if self._is_given(field, name) else self.get_field_value(field, name)[0]
            if content is not None:
                found[name] = content
        return found

    def _is_given(self, field: FieldInfo, name: str) -> bool:
        """By a variable, whichever of its names that has."""
        others = field.validation_alias.choices if isinstance(field.validation_alias, AliasChoices) else ()
        return any(each in self.current_state for each in (name, *others))


def read_secret(file: Path) -> str | None:
    """Without the newline that editors put at its end; None where there is nothing."""
    try:
        return file.read_bytes().decode().removesuffix("\n") or None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file}: cannot be read: it is not UTF-8") from None
