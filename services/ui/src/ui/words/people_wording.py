"""The words of signing in, as a part of `Wording`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PeopleWording:
    title: str
    intro: str
    sign_in: str
    sign_out: str
    no_access: str
    no_access_who: str
    no_access_what: str
    no_address: str
    set_up_in_part: str
    not_set_up: str
    parts: dict[str, str]
    in_the_name_of: str
