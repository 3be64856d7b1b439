# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong or odd about an instance, with a stable code and a sentence for people."""

from __future__ import annotations

from typing import Any

from . import paths
from .answers import Look
from .facts import InstanceFacts, Problem
from .folders import Folder
from .sightings import Sighting

_TEXTS = ("clusterName", "version", "fqdn")
"""Directives of a yml that facts come from, besides those that name folders."""

_TRIED_AGAIN = (
    "The host tries it again by itself for an hour and at each start, and so does every run; to have it tried now, run "
    "comindware.platform.instance_recover."
)


def of_instance(instance: InstanceFacts, listed: Look) -> list[Problem]:
    """All problems of one instance. ``listed``: what the host says about its Config folder."""
    found = [*_path_problems(instance, listed), *_link_problems(instance), *_iis_problems(instance)]
    if not instance["version"]["agree"]:
        version = instance["version"]
        told = (
            f"the links say {version['links'] or 'nothing'}, the yml {version['yml'] or 'nothing'}, "
            f"the registry {version['registry'] or 'nothing'}."
        )
        found.append(("versions_disagree", told))
    return [_problem(instance["name"], code, told) for code, told in found]


def of_reading(seen: Sighting, found: dict[str, Folder]) -> list[Problem]:
    """What yml and registry say and nobody understands: no default is taken in its place."""
    yml = seen.yml["path"] if seen.yml else ""
    if fault := seen.reading.fault:
        told = f"{yml} cannot be read as YAML: {fault.told}. Correct it; until then nothing is known of what it says."
        return [_problem(seen.name, "yml_not_understood", told)]
    texts = (misread for name in _TEXTS if (misread := seen.reading.misread(name)))
    told_of = [
        *(folder.misread for folder in found.values() if folder.misread),
        *(f"{yml}, {misread.told}. Write its value there as a plain text." for misread in texts),
    ]
    return [_problem(seen.name, "directive_not_understood", told) for told in told_of]


def _problem(instance: str, code: str, told: str) -> Problem:
    return {"code": code, "message": f"Instance '{instance}': {told}"}


def of_sites(instance: InstanceFacts, chosen: str | None) -> list[Problem]:
    """What else of IIS serves the folders of the instance. ``chosen``: what decided which site is its own."""
    found = []
    own = f"'{instance['site']['name']}'" if instance["site"] else "no site"
    if chosen is None:
        others = ", ".join(f"'{site['name']}'" for site in instance["other_sites"])
        told = (
            f"the sites {own}, {others} all serve {instance['paths']['config']}, and neither name nor binding tells which one is the "
            f"instance's own. Call that one '{_site_name(instance)}', or bind it to the fqdn of the yml."
        )
        found.append(("site_undecided", told))
    for one in instance["served_by"]:
        where = one["site"] if one["application"] == "/" else f"{one['site']}{one['application']}"
        what = f"the {'site' if one['application'] == '/' else 'application'} '{where}'"
        if one["stops"] == "nothing":
            told = f"{what} serves {one['folder']}, too, and cannot be stopped with the instance: {one['why']}. Take it away first."
            found.append(("serving_not_stopped", told))
            continue
        decided = f" The instance's own site is {own}, {chosen}." if chosen else ""
        told = f"{what} (pool '{one['pool']}') serves {one['folder']}, too, and stops and starts with the instance.{decided}"
        found.append(("served_by_others", told))
    return [_problem(instance["name"], code, told) for code, told in found]


def of_transactions(instance: InstanceFacts, transactions: list[dict[str, Any]]) -> list[Problem]:
    """What the host still has to do of changes that were confirmed or undone: it tries that again, and people should know."""
    own = f"{instance['brand']} {instance['name']}".casefold()
    return [
        _problem(instance["name"], code, told)
        for one in transactions
        if one["instance"].casefold() == own
        for code, told in _left_to_do(one)
    ]


def _left_to_do(transaction: dict[str, Any]) -> list[tuple[str, str]]:
    found = [
        (
            "confirm_owed",
            f"'{step['title']}' could not be done when '{transaction['title']}' was confirmed: {step['message']} "
            + ("Until it is, the instance may be down after a restart of the host. " if step["starts"] else "")
            + _TRIED_AGAIN,
        )
        for step in transaction.get("owed", [])
    ]
    if transaction["state"] == "held" and not transaction["past_return"]:
        reasons = " ".join(error["message"] for error in transaction["undo_errors"])
        found.append(("undo_owed", f"the undo of '{transaction['title']}' is not finished: {reasons} {_TRIED_AGAIN}"))
    return found


def _path_problems(instance: InstanceFacts, listed: Look) -> list[tuple[str, str]]:
    config = instance["paths"]["config"]
    told = (paths.look_alike(path) for path in dict.fromkeys(instance["paths"].values()))
    found = [("look_alike_path", problem) for problem in told if problem]
    if not config:
        return found  # what was not understood is told
    if listed.unseen:
        problem = f"the configuration folder {config} was not looked at: {listed.unseen}. Correct its path in the yml, the registry or IIS."
        found.append(("config_folder_unseen", problem))
    elif listed.item is None:
        problem = f"the configuration folder {config} does not exist. Correct its path in the yml or the registry."
        found.append(("no_config_folder", problem))
    elif not any(link["version"] for link in instance["links"]):
        problem = f"{config} holds no links to a product version. Only an instance with links can be switched."
        found.append(("no_links", problem))
    return found


def _link_problems(instance: InstanceFacts) -> list[tuple[str, str]]:
    # Links that lead to no version are the customer's own.
    links = [link for link in instance["links"] if link["version"]]
    found = []
    if len({link["version"] for link in links}) > 1:
        where = "; ".join(f"{link['name']} -> {link['version']}" for link in links)
        problem = f"its links lead to different versions: {where}. Point all of them at one version first."
        found.append(("mixed_links", problem))
    for link in links:
        if link["broken"]:
            problem = f"the link {link['path']} leads to nothing: {link['target']}. Repair it first."
            found.append(("broken_link", problem))
    return found


def _iis_problems(instance: InstanceFacts) -> list[tuple[str, str]]:
    name, config = _site_name(instance), instance["paths"]["config"]
    found = []
    if instance["site"] is None:
        problem = f"IIS has no site '{name}' on {config or 'its configuration folder'}. Create it, or name the right instance."
        found.append(("no_site", problem))
    elif config and not paths.same(instance["site"]["physical_path"], config):
        problem = (
            f"the site '{instance['site']['name']}' serves {instance['site']['physical_path']}, but the configuration folder is {config}. "
            "Correct whichever is wrong."
        )
        found.append(("site_elsewhere", problem))
    elif instance["site"]["local_url"] is None:
        problem = f"the site '{instance['site']['name']}' has no http or https binding that could be asked. Add one."
        found.append(("no_binding", problem))
    if not instance["pools"]:
        pool = instance["site"]["pool"] if instance["site"] else name
        problem = f"IIS has no application pool '{pool}'. Create it, or name the right instance."
        found.append(("no_pool", problem))
    return found


def _site_name(instance: InstanceFacts) -> str:
    return f"{instance['brand']} {instance['name']}"
