"""Who speaks, as Application Insights names it: the tags of every row."""

import platform

from inference.telemetry.items import SinkNames


def build_tags(names: SinkNames, sdk_version: str) -> dict[str, str]:
    """Nothing about the machine beyond these; an instance without a name goes by that of its machine."""
    return {
        "ai.cloud.role": names.role,
        "ai.cloud.roleInstance": names.instance or platform.node(),
        "ai.internal.sdkVersion": sdk_version,
    }
