# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which resources there are, and what they consist of: the fields of AWX 24, as its API guide and its own collection name them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

COMMON = frozenset({"id", "type", "url", "related", "summary_fields", "created", "modified"})
"""What every resource has and nobody can write."""


@dataclass(frozen=True)
class Field:
    """``kind``: text, flag, number, object, variables (a text that is YAML of a mapping), or the name of a resource that it points to."""

    kind: str
    default: Any = None
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resource:
    """``unique``: fields that no two objects share. ``lists``: its sub-lists, and what they are lists of."""

    name: str
    type: str
    fields: dict[str, Field]
    read_only: frozenset[str] = frozenset()
    unique: tuple[str, ...] = ("name",)
    lists: dict[str, str] = field(default_factory=dict)
    survey: bool = False


def text(default: str = "", required: bool = False, choices: tuple[str, ...] = ()) -> Field:
    return Field("text", default, required, choices)


def flag(default: bool = False) -> Field:
    return Field("flag", default)


def number(default: int | None = 0) -> Field:
    return Field("number", default)


def link(resource: str, required: bool = False) -> Field:
    return Field(resource, None, required)


NAMED = {"name": text(required=True), "description": text()}
ASKS = (
    "variables",
    "limit",
    "tags",
    "skip_tags",
    "job_type",
    "verbosity",
    "inventory",
    "credential",
    "diff_mode",
    "scm_branch",
    "execution_environment",
    "forks",
    "instance_groups",
    "job_slice_count",
    "labels",
    "timeout",
)
WORKFLOW_ASKS = ("variables", "limit", "tags", "skip_tags", "inventory", "scm_branch", "labels")
VERBOSITY = ("0", "1", "2", "3", "4", "5")
NODES = "workflow_job_template_nodes"

PROMPTS = {
    "inventory": link("inventories"),
    "scm_branch": Field("text"),
    "job_type": Field("text", choices=("run", "check")),
    "job_tags": Field("text"),
    "skip_tags": Field("text"),
    "limit": Field("text"),
    "diff_mode": Field("flag"),
    "verbosity": Field("text", choices=VERBOSITY),
    "execution_environment": link("execution_environments"),
    "forks": number(None),
    "job_slice_count": number(None),
    "timeout": number(None),
}
"""What a node of a workflow may answer for its template, where that one asks."""

ASKED_BY = {name: f"ask_{name}_on_launch" for name in PROMPTS} | {"job_tags": "ask_tags_on_launch"}

RESOURCES = {
    one.name: one
    for one in (
        Resource(
            "organizations",
            "organization",
            {**NAMED, "max_hosts": number(), "default_environment": link("execution_environments")},
            read_only=frozenset({"custom_virtualenv"}),
        ),
        Resource(
            "execution_environments",
            "execution_environment",
            {
                **NAMED,
                "image": text(required=True),
                "organization": link("organizations"),
                "credential": link("credentials"),
                "pull": text(choices=("always", "missing", "never", "")),
            },
            read_only=frozenset({"managed"}),
        ),
        Resource(
            "projects",
            "project",
            {
                **NAMED,
                "organization": link("organizations"),
                "local_path": text(),
                "scm_type": text(choices=("", "git", "svn", "insights", "archive")),
                **{name: text() for name in ("scm_url", "scm_branch", "scm_refspec")},
                **{
                    name: flag()
                    for name in ("scm_clean", "scm_track_submodules", "scm_delete_on_update", "scm_update_on_launch")
                },
                **{name: number() for name in ("timeout", "scm_update_cache_timeout")},
                "allow_override": flag(),
                "credential": link("credentials"),
                "signature_validation_credential": link("credentials"),
                "default_environment": link("execution_environments"),
            },
            read_only=frozenset({"scm_revision", "status", "last_update_failed", "last_updated", "custom_virtualenv"}),
            unique=("organization", "name"),
        ),
        Resource(
            "inventories",
            "inventory",
            {
                **NAMED,
                "organization": link("organizations", required=True),
                "kind": text(choices=("", "smart", "constructed")),
                "host_filter": Field("text"),
                "variables": Field("variables", ""),
                "prevent_instance_group_fallback": flag(),
            },
            read_only=frozenset({"total_hosts", "has_inventory_sources", "pending_deletion"}),
            unique=("organization", "name"),
        ),
        Resource(
            "inventory_sources",
            "inventory_source",
            {
                **NAMED,
                "inventory": link("inventories", required=True),
                "source": text(
                    required=True, choices=("scm", "ec2", "gce", "azure_rm", "vmware", "satellite6", "controller")
                ),
                **{
                    name: text()
                    for name in ("source_path", "scm_branch", "enabled_var", "enabled_value", "host_filter", "limit")
                },
                "source_vars": Field("variables", ""),
                "source_project": link("projects"),
                "credential": link("credentials"),
                "execution_environment": link("execution_environments"),
                **{name: flag() for name in ("overwrite", "overwrite_vars", "update_on_launch")},
                "timeout": number(),
                "update_cache_timeout": number(),
                "verbosity": number(1),
            },
            read_only=frozenset({"status", "last_updated", "custom_virtualenv"}),
            unique=("inventory", "name"),
        ),
        Resource(
            "credential_types",
            "credential_type",
            {
                **NAMED,
                "kind": text(required=True, choices=("cloud", "net")),
                "inputs": Field("object", {}),
                "injectors": Field("object", {}),
            },
            read_only=frozenset({"namespace", "managed"}),
        ),
        Resource(
            "credentials",
            "credential",
            {
                **NAMED,
                "organization": link("organizations"),
                "credential_type": link("credential_types", required=True),
                "inputs": Field("object", {}),
            },
            read_only=frozenset({"managed", "cloud", "kind", "kubernetes"}),
            unique=("organization", "name", "credential_type"),
        ),
        Resource(
            "job_templates",
            "job_template",
            {
                **NAMED,
                "job_type": text("run", choices=("run", "check")),
                "inventory": link("inventories"),
                "project": link("projects"),
                **{
                    name: text()
                    for name in ("playbook", "scm_branch", "limit", "job_tags", "skip_tags", "start_at_task")
                },
                "extra_vars": Field("variables", ""),
                "execution_environment": link("execution_environments"),
                **{name: number() for name in ("forks", "verbosity", "timeout")},
                "job_slice_count": number(1),
                **{
                    name: flag()
                    for name in ("force_handlers", "use_fact_cache", "survey_enabled", "become_enabled", "diff_mode")
                },
                **{name: flag() for name in ("allow_simultaneous", "prevent_instance_group_fallback")},
                "host_config_key": text(),
                **{f"ask_{name}_on_launch": flag() for name in ASKS},
                "webhook_service": text(choices=("", "github", "gitlab")),
                "webhook_credential": link("credentials"),
            },
            read_only=frozenset({"organization", "last_job_run", "next_job_run", "status", "custom_virtualenv"}),
            unique=("organization", "name"),
            lists={"credentials": "credentials"},
            survey=True,
        ),
        Resource(
            "workflow_job_templates",
            "workflow_job_template",
            {
                **NAMED,
                "organization": link("organizations"),
                "extra_vars": Field("variables", ""),
                "inventory": link("inventories"),
                **{name: Field("text") for name in ("limit", "scm_branch", "job_tags", "skip_tags")},
                **{name: flag() for name in ("survey_enabled", "allow_simultaneous")},
                **{f"ask_{name}_on_launch": flag() for name in WORKFLOW_ASKS},
                "webhook_service": text(choices=("", "github", "gitlab")),
                "webhook_credential": link("credentials"),
            },
            read_only=frozenset({"last_job_run", "next_job_run", "status"}),
            unique=("organization", "name"),
            survey=True,
        ),
        Resource(
            NODES,
            "workflow_job_template_node",
            {
                "workflow_job_template": link("workflow_job_templates", required=True),
                "unified_job_template": link("unified_job_templates"),
                "identifier": text(required=True),
                "all_parents_must_converge": flag(),
                "extra_data": Field("object", {}),
                **PROMPTS,
            },
            read_only=frozenset({"success_nodes", "failure_nodes", "always_nodes"}),
            unique=("workflow_job_template", "identifier"),
            lists={"success_nodes": NODES, "failure_nodes": NODES, "always_nodes": NODES, "credentials": "credentials"},
        ),
        Resource(
            "workflow_approval_templates",
            "workflow_approval_template",
            {**NAMED, "timeout": number()},
            unique=(),
        ),
    )
}

UNIFIED = ("job_templates", "workflow_job_templates", "projects", "inventory_sources", "workflow_approval_templates")
"""What a node can start; the list unified_job_templates shows them together."""
