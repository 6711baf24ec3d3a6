"""Help, and what kubectl says of a word that it does not know.

The overview and the flags come from the tables of commands; the real help is longer and has examples.
"""

from __future__ import annotations

from .command import GLOBAL
from .flags import Flag


def overview() -> str:
    """What `kubectl` alone prints."""
    from .verbs import COMMANDS

    lines = [f"  {command.path:<22} {command.summary}" for command in COMMANDS]
    return (
        "kubectl controls the Kubernetes cluster manager.\n\nCommands:\n"
        + "\n".join(lines)
        + '\n\nUse "kubectl <command> --help" for more information about a given command.\n'
    )


def group(name: str) -> str:
    """What `kubectl rollout` prints."""
    from .verbs import COMMANDS, GROUPS

    lines = [
        f"  {command.path.split(' ', 1)[1]:<16} {command.summary}"
        for command in COMMANDS
        if command.path.startswith(name + " ")
    ]
    return (
        f"{GROUPS[name][0]}\n\nAvailable Commands:\n"
        + "\n".join(lines)
        + f"\n\nUsage:\n  kubectl {name} SUBCOMMAND "
        f'[options]\n\nUse "kubectl {name} <command> --help" for more information about a given command.\n'
    )


def of(path: str) -> str:
    """The help of a command, of a group, or the overview."""
    from .verbs import COMMANDS, GROUPS

    for command in COMMANDS:
        if command.path == path:
            options = "\n".join(_flag(flag) for flag in command.flags)
            return (
                f"{command.summary}\n\nOptions:\n{options}\n\n"
                f"Usage:\n  kubectl {path} {command.usage} [options]\n\n"
                'Use "kubectl options" for a list of global command-line options (applies to all commands).\n'
            )
    return group(path) if path in GROUPS else overview()


def options() -> str:
    """The flags of every command."""
    head = "The following options can be passed to any command:\n\n"
    return head + "\n".join(_flag(flag) for flag in GLOBAL) + "\n"


def _flag(flag: Flag) -> str:
    short = f"-{flag.short}, " if flag.short else "    "
    default = str(flag.default).lower() if flag.kind == "bool" else repr(flag.default)
    return f"    {short}--{flag.name}={default}:\n\t{flag.help}"


def unknown(word: str) -> str:
    """`error: unknown command "geet" for "kubectl"`, with the commands that look like it."""
    from .verbs import ORDER

    near = [name for name in ORDER if _distance(word.lower(), name) <= 2 or name.startswith(word.lower())]
    text = f'error: unknown command "{word}" for "kubectl"\n'
    if near:
        text += "\nDid you mean this?\n" + "".join(f"\t{name}\n" for name in near)
    return text


def _distance(one: str, other: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one, 1):
        previous, row[0] = row[0], index
        for column, against in enumerate(other, 1):
            previous, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, previous + (letter != against)),
            )
    return row[-1]
