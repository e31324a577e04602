"""The lengths that Application Insights takes, in characters: what is longer is cut, so that the rest arrives.

They are those of its data model (learn.microsoft.com, azure-monitor/app/data-model-complete).
"""

from collections.abc import Mapping

KEY_CHARACTERS = 150
VALUE_CHARACTERS = 8192
NAME_CHARACTERS = 512


def cut_name(name: str) -> str:
    """The name of an event or a metric."""
    return name[:NAME_CHARACTERS]


def cut_properties(properties: Mapping[str, str]) -> dict[str, str]:
    return {key[:KEY_CHARACTERS]: value[:VALUE_CHARACTERS] for key, value in properties.items()}
