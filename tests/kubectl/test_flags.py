"""The command line is read by pflag's rules, and refused in pflag's words."""

from __future__ import annotations

import pytest

from k8scourse.kubectl.flags import Flag, FlagError, duration, parse, switch

FLAGS = (
    Flag("namespace", "n"),
    Flag("output", "o"),
    Flag("replicas", kind="int", default=-1),
    Flag("types", kind="strings", default=[]),
    Flag("filename", "f", "array", []),
    Flag("timeout", kind="duration", default=0.0),
    Flag("dry-run", default="none", implied="unchanged"),
    switch("all-namespaces", "A"),
    switch("watch", "w"),
)


@pytest.mark.parametrize("words", ["-n x", "-nx", "-n=x", "--namespace=x", "--namespace x"])
def test_a_value_can_be_written_in_five_ways(words: str) -> None:
    assert parse(words.split(), FLAGS)["namespace"] == "x"


def test_flags_may_stand_among_the_arguments_until_two_dashes() -> None:
    parsed = parse(["get", "-A", "pods", "--", "-n", "x"], FLAGS)
    assert (parsed.args, parsed["all-namespaces"], parsed.dash_at) == (["get", "pods", "-n", "x"], True, 2)


def test_short_switches_can_be_bundled_with_a_last_flag_that_takes_a_value() -> None:
    parsed = parse(["-Awojson"], FLAGS)
    assert (parsed["all-namespaces"], parsed["watch"], parsed["output"]) == (True, True, "json")


def test_lists_add_up_and_only_strings_split_at_commas() -> None:
    parsed = parse(["--types=a,b", "--types", "c", "-f", "a,b", "-f", "c"], FLAGS)
    assert (parsed["types"], parsed["filename"]) == (["a", "b", "c"], ["a,b", "c"])


def test_a_flag_that_may_stand_alone_takes_no_value_from_the_next_word() -> None:
    parsed = parse(["--dry-run", "client"], FLAGS)
    assert (parsed["dry-run"], parsed.args) == ("unchanged", ["client"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--foo", "unknown flag: --foo"),
        ("--foo=1", "unknown flag: --foo"),
        ("-Z", "unknown shorthand flag: 'Z' in -Z"),
        ("-AZ", "unknown shorthand flag: 'Z' in -AZ"),
        ("--namespace", "flag needs an argument: --namespace"),
        ("-n", "flag needs an argument: 'n' in -n"),
        ("--=x", "bad flag syntax: --=x"),
        (
            "-A=maybe",
            'invalid argument "maybe" for "-A, --all-namespaces" flag: strconv.ParseBool: '
            'parsing "maybe": invalid syntax',
        ),
        (
            "--replicas=x",
            'invalid argument "x" for "--replicas" flag: strconv.ParseInt: parsing "x": invalid syntax',
        ),
        ("--timeout=5", 'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"'),
    ],
)
def test_what_cannot_be_read_is_refused_in_the_words_of_pflag(words: str, message: str) -> None:
    with pytest.raises(FlagError) as caught:
        parse(words.split(), FLAGS)
    assert message == str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0), ("40s", 40), ("1h30m", 5400), ("1.5s", 1.5), ("250ms", 0.25), ("-1s", -1)]
)
def test_durations_are_those_of_go(text: str, seconds: float) -> None:
    assert seconds == duration(text)
