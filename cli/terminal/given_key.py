"""A key, as people give it."""

import sys

import click

from cli.terminal import console


def given_key() -> str:
    """Never an argument: those stand in the list of processes and in the shell's history."""
    if console.can_ask():
        return str(click.prompt("Key", hide_input=True, err=True)).strip()
    key = sys.stdin.read().strip()
    if not key:
        raise click.UsageError("No key came on standard input.")
    return key
