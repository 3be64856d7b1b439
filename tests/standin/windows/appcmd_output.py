# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What `appcmd list` prints: one line an object, XML, or single attributes.

Attribute names and order are those seen on a live IIS 10; the configuration elements are those of
applicationHost.config with the defaults of IIS_schema.xml, as documented by Microsoft.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from .iis import Application, Binding, Pool, Site, VirtualDirectory


@dataclass
class Element:
    """An XML element; `defaults` are attributes that only `/config:*` shows."""

    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    defaults: dict[str, str] = field(default_factory=dict)


@dataclass
class Listed:
    """One result of `list`: its kind, its name, the text form, the attributes of the XML form, its configuration."""

    kind: str
    name: str
    text: str
    attributes: dict[str, str]
    configuration: Element | None = None


def listed_site(site: Site, state: str) -> Listed:
    bindings = ",".join(site.bindings)
    text = f'SITE "{site.name}" (id:{site.id},bindings:{bindings},state:{state})'
    attributes = {"SITE.NAME": site.name, "SITE.ID": str(site.id), "bindings": bindings, "state": state}
    return Listed("SITE", site.name, text, attributes, _site_element(site))


def listed_pool(pool: Pool, state: str) -> Listed:
    text = f'APPPOOL "{pool.name}" (MgdVersion:{pool.runtime_version},MgdMode:{pool.pipeline_mode},state:{state})'
    attributes = {
        "APPPOOL.NAME": pool.name,
        "PipelineMode": pool.pipeline_mode,
        "RuntimeVersion": pool.runtime_version,
        "state": state,
    }
    return Listed("APPPOOL", pool.name, text, attributes, _pool_element(pool))


def listed_application(site: Site, application: Application) -> Listed:
    name = site.name + application.path
    attributes = {"path": application.path, "APP.NAME": name, "APPPOOL.NAME": application.pool, "SITE.NAME": site.name}
    return Listed(
        "APP", name, f'APP "{name}" (applicationPool:{application.pool})', attributes, _application_element(application)
    )


def listed_virtual_directory(site: Site, application: Application, directory: VirtualDirectory) -> Listed:
    application_name = site.name + application.path
    name = application_name.rstrip("/") + directory.path
    attributes = {
        "VDIR.NAME": name,
        "physicalPath": directory.physical_path,
        "path": directory.path,
        "APP.NAME": application_name,
    }
    return Listed(
        "VDIR",
        name,
        f'VDIR "{name}" (physicalPath:{directory.physical_path})',
        attributes,
        _directory_element(directory),
    )


def listed_worker(pid: int, pool: str) -> Listed:
    return Listed("WP", str(pid), f'WP "{pid}" (applicationPool:{pool})', {"WP.NAME": str(pid), "APPPOOL.NAME": pool})


def listed_backup(name: str) -> Listed:
    return Listed("BACKUP", name, f'BACKUP "{name}"', {"BACKUP.NAME": name})


def as_xml(items: list[Listed], configuration: bool, defaults: bool) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<appcmd>"]
    for item in items:
        children = [item.configuration] if configuration and item.configuration else []
        lines += _render(Element(item.kind, item.attributes, children), 1, defaults)
    return "\r\n".join([*lines, "</appcmd>"]) + "\r\n"


def as_configuration(items: list[Listed], defaults: bool) -> str:
    """`/config` without `/xml`: the bare elements one after another."""
    lines = [line for item in items if item.configuration for line in _render(item.configuration, 0, defaults)]
    return "".join(line + "\r\n" for line in lines)


def as_attribute(items: list[Listed], name: str) -> str:
    """`/text:NAME`: the value of one attribute a line; of the configuration too, such as `/text:processModel.userName`."""
    return "".join(value(item, name) + "\r\n" for item in items)


def value(item: Listed, name: str) -> str:
    """An attribute by the name that filters and `/text` use, without case; empty if there is none."""
    wanted = name.casefold()
    aliases = {"name": f"{item.kind}.NAME", "id": f"{item.kind}.ID", "applicationpool": "APPPOOL.NAME"}
    for candidate in (wanted, aliases.get(wanted, "").casefold()):
        found = next((text for key, text in item.attributes.items() if key.casefold() == candidate), None)
        if found is not None:
            return found
    *path, leaf = wanted.split(".")
    element = item.configuration
    for step in path:
        element = (
            next((child for child in element.children if child.name.casefold() == step), None) if element else None
        )
    known = {**element.defaults, **element.attributes} if element else {}
    return next((text for key, text in known.items() if key.casefold() == leaf), "")


def _render(element: Element, depth: int, defaults: bool) -> list[str]:
    attributes = {**(element.defaults if defaults else {}), **element.attributes}
    head = "  " * depth + "<" + element.name + "".join(f' {key}="{_quoted(text)}"' for key, text in attributes.items())
    children = [
        line
        for child in element.children
        if defaults or child.attributes or child.children
        for line in _render(child, depth + 1, defaults)
    ]
    return [head + ">", *children, "  " * depth + f"</{element.name}>"] if children else [head + " />"]


def _quoted(text: str) -> str:
    return escape(text, {'"': "&quot;", "\r": "&#xD;", "\n": "&#xA;"})


def _site_element(site: Site) -> Element:
    start = {"serverAutoStart": "true"}
    attributes = {"name": site.name, "id": str(site.id)}
    if not site.server_auto_start:
        attributes["serverAutoStart"] = "false"
    bindings = [
        Element(
            "binding",
            {"protocol": binding.protocol, "bindingInformation": binding.information},
            defaults={"sslFlags": "0"},
        )
        for binding in map(Binding.parse, site.bindings)
    ]
    return Element(
        "site",
        attributes,
        [
            Element("bindings", {}, bindings),
            Element(
                "limits",
                {},
                defaults={
                    "maxBandwidth": "4294967295",
                    "maxConnections": "4294967295",
                    "connectionTimeout": "00:02:00",
                    "maxUrlSegments": "32",
                },
            ),
            Element(
                "logFile",
                {},
                defaults={
                    "logFormat": "W3C",
                    "directory": r"%SystemDrive%\inetpub\logs\LogFiles",
                    "period": "Daily",
                    "enabled": "true",
                },
            ),
            *map(_application_element, site.applications),
        ],
        start,
    )


def _application_element(application: Application) -> Element:
    return Element(
        "application",
        {"path": application.path, "applicationPool": application.pool},
        [_directory_element(directory) for directory in application.virtual_directories],
        {"enabledProtocols": "http", "serviceAutoStartEnabled": "false", "preloadEnabled": "false"},
    )


def _directory_element(directory: VirtualDirectory) -> Element:
    return Element(
        "virtualDirectory",
        {"path": directory.path, "physicalPath": directory.physical_path},
        defaults={"userName": "", "password": "", "logonMethod": "ClearText", "allowSubDirConfig": "true"},
    )


def _pool_element(pool: Pool) -> Element:
    seconds = pool.shutdown_time_limit_seconds
    limit = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    model = {
        "identityType": pool.identity_type,
        "userName": pool.user_name,
        "password": pool.password,
        "shutdownTimeLimit": limit,
    }
    model_defaults = {
        "identityType": "ApplicationPoolIdentity",
        "userName": "",
        "password": "",
        "loadUserProfile": "true",
        "idleTimeout": "00:20:00",
        "shutdownTimeLimit": "00:01:30",
        "startupTimeLimit": "00:01:30",
        "pingingEnabled": "true",
        "pingInterval": "00:00:30",
        "pingResponseTime": "00:01:30",
    }
    own = {
        "autoStart": str(pool.auto_start).lower(),
        "managedRuntimeVersion": pool.runtime_version,
        "managedPipelineMode": pool.pipeline_mode,
        "startMode": pool.start_mode,
    }
    defaults = {
        "queueLength": "1000",
        "autoStart": "true",
        "enable32BitAppOnWin64": "false",
        "managedRuntimeVersion": "v4.0",
        "managedPipelineMode": "Integrated",
        "startMode": "OnDemand",
    }
    return Element(
        "add",
        {"name": pool.name, **_changed(own, defaults)},
        [
            Element("processModel", _changed(model, model_defaults), defaults=model_defaults),
            Element(
                "recycling",
                {},
                [Element("periodicRestart", {}, defaults={"time": "1.05:00:00"})],
                {"disallowOverlappingRotation": "false", "disallowRotationOnConfigChange": "false"},
            ),
            Element(
                "failure",
                {},
                defaults={
                    "loadBalancerCapabilities": "HttpLevel",
                    "orphanWorkerProcess": "false",
                    "rapidFailProtection": "true",
                    "rapidFailProtectionInterval": "00:05:00",
                    "rapidFailProtectionMaxCrashes": "5",
                },
            ),
        ],
        {"name": pool.name, **defaults},
    )


def _changed(values: dict[str, str], defaults: dict[str, str]) -> dict[str, str]:
    return {key: text for key, text in values.items() if text != defaults.get(key)}
