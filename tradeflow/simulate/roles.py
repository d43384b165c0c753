"""Roles as people name them."""

from collections.abc import Mapping

from tradeflow.model.catalogue import Role


def meant(said: str, roles: Mapping[str, Role]) -> list[str]:
    """The roles that are meant: one by its id ("sea_carrier"), all of a group ("carrier"), or the one with these words ("depot").

    Raises KeyError, with the choice, where several might be, or none.
    """
    asked = said.lower().replace("-", "_").replace(" ", "_")
    if asked in roles:
        return [asked]
    if group := [one.id for one in roles.values() if one.group == asked]:
        return group
    found = [one for one in roles if set(asked.split("_")) <= set(one.split("_"))]
    if len(found) == 1:
        return found
    raise KeyError(f"{said} may be {' or '.join(found)}: say which" if found else f"there is no role {said}; there are {', '.join(roles)}")
