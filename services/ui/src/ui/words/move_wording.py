"""The words of the forms that promote and roll back, as a part of `Wording`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MoveWording:
    promote: str
    promote_intro: str
    nothing_to_promote: str
    version: str
    version_choice: str
    version_challenger: str
    roll_back: str
    roll_back_intro: str
    roll_back_intro_unknown: str
    no_way_back: str
    reason: str
    reason_missing: str
    reason_too_long: str
    version_missing: str
    name: str
    name_missing: str
    name_too_long: str
    promote_asks: str
    roll_back_asks: str
    promote_first_confirm: str
    promote_confirm: str
    roll_back_confirm: str
    roll_back_confirm_unknown: str
    will_say: str
    promote_now: str
    roll_back_now: str
    back: str
    promoted: str
    rolled_back: str
    changed: str
    kept: str
    refused: str
    refused_key: str
