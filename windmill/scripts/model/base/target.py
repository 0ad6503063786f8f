"""Where a pipeline may run. Generated from windmill/scripts/targets:
`mlops dev generate`."""

from collections.abc import Mapping
from enum import StrEnum

from .short_form import ShortForm


class Target(StrEnum):
    local = "local"
    k3s = "k3s"
    ssh = "ssh"
    exoscale = "exoscale"
    runpod = "runpod"
    vastai = "vastai"
    auto = "auto"  # no target of its own: the cheapest that fits


# Nothing more is paid for what one has; its owner knows whether it is large enough.
OWN = {
    Target.local: "this machine",
    Target.k3s: "a cluster of your own",
    Target.ssh: "a machine of your own",
}
# Only deployments may create what is rented, for only they are never forgotten.
RENTED = frozenset[str](
    {
        Target.exoscale,
        Target.runpod,
        Target.vastai,
    }
)
# What one of them must be told beside what the pipeline asks for.
SETTINGS: Mapping[str, ShortForm] = {
    Target.k3s: {
        "kubeconfig": {
            "type": "string",
            "pattern": "^([A-Za-z0-9_-]{1,60}|/[A-Za-z0-9_@%+=:,./ -]{1,400})$",
            "required": True,
            "description": "name of a Windmill variable below kubeconfigs, or an allowed file",
        },
        "context": {
            "type": "string",
            "pattern": "^[A-Za-z0-9_@%+=:,./-]{1,200}$",
            "description": "which cluster of that file; its current one when left out",
        },
    },
    Target.ssh: {
        "host": {
            "type": "string",
            "required": True,
            "pattern": "^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$",
            "description": "name or address of a machine with Debian or Ubuntu",
            "examples": ["10.0.0.5"],
        },
        "port": {
            "type": "integer",
            "minimum": 1,
            "maximum": 65535,
            "default": 22,
            "description": "where its SSH server listens",
        },
        "user": {
            "type": "string",
            "pattern": "^[a-z_][a-z0-9_.-]{0,31}$",
            "default": "root",
            "description": "who logs in; all that is deployed belongs to them",
        },
        "key": {
            "type": "string",
            "pattern": "^([A-Za-z0-9_-]{1,60}|/[A-Za-z0-9_@%+=:,./ -]{1,400})$",
            "default": "default",
            "description": "name of a Windmill variable below ssh_keys, or an allowed file",
        },
        "host_key": {
            "type": "string",
            "pattern": "^SHA256:[A-Za-z0-9+/]{43}$",
            "description": "fingerprint that the machine must show; accepts one that was made anew",
        },
        "listen": {
            "type": "string",
            "pattern": "^[0-9a-fA-F.:]{2,39}$",
            "default": "127.0.0.1",
            "description": "its address that the API listens at; by a tunnel only when left out",
        },
        "server_name": {
            "type": "string",
            "pattern": "^(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.){1,8}[a-z][a-z0-9-]{0,62})?$",
            "default": "",
            "description": "name by which all call it, by https: Caddy there leads to it",
            "examples": ["chat.example.com"],
        },
        "certificate": {
            "type": "string",
            "pattern": "^(acme|internal|/[A-Za-z0-9_@%+=:,./-]{1,400})$",
            "default": "acme",
            "description": "of that name: acme, internal, or a folder there that holds one",
        },
        "docker": {
            "type": "boolean",
            "default": False,
            "description": "in containers of its Docker engine, in place of processes",
        },
    },
}
# How the key of a provider is written that gives two parts; of others it is any text.
KEY_FORMS: Mapping[str, Mapping[str, str]] = {
    Target.exoscale: {
        "pattern": "(EXO[A-Za-z0-9]{8,60}):([A-Za-z0-9_+/=-]{8,200})",
        "example": "EXOkey:secret, with a colon",
    },
}
