"""What a reader of the etcd documentation would try by hand."""

from __future__ import annotations

import pytest

from k8scourse.etcd import (
    Compacted,
    Compare,
    Delete,
    EtcdMember,
    InvalidRequest,
    LeaseNotFound,
    MvccStore,
    Put,
    Range,
    Unavailable,
    prefix_end,
)
from k8scourse.sim import Process, Simulation, seconds


@pytest.fixture
def sim() -> Simulation:
    return Simulation()


@pytest.fixture
def etcd(sim: Simulation) -> EtcdMember:
    return EtcdMember(Process(sim, "etcd", "control-plane-1"), MvccStore())


def restart(etcd: EtcdMember) -> EtcdMember:
    etcd.process.kill()
    return EtcdMember(Process(etcd.process.sim, "etcd", "control-plane-1"), etcd.store)


def test_a_key_remembers_when_it_was_created_and_how_often_it_was_written(etcd: EtcdMember) -> None:
    etcd.put("/a", 1)
    etcd.put("/b", 1)
    etcd.put("/a", 2)
    (key_value,) = etcd.range("/a").kvs
    assert (key_value.create_revision, key_value.mod_revision, key_value.version) == (2, 4, 2)


def test_a_deleted_key_starts_again_from_version_one(etcd: EtcdMember) -> None:
    etcd.put("/a", 1)
    etcd.delete_range("/a")
    assert etcd.range("/a").kvs == []
    assert etcd.put("/a", 2).version == 1


def test_what_the_store_gives_out_cannot_be_changed(etcd: EtcdMember) -> None:
    etcd.put("/a", {"list": [1]})
    value = etcd.range("/a").kvs[0].value
    with pytest.raises(TypeError):
        value["list"].append(2)


def test_all_operations_of_a_transaction_share_one_revision(etcd: EtcdMember) -> None:
    result = etcd.txn([], [Put("/a", 1), Put("/b", 2), Range("/a", "/z")])
    assert [event.key_value.mod_revision for event in result.events] == [2, 2]
    assert result.revision == 2


def test_a_transaction_that_writes_a_key_twice_is_refused_and_changes_nothing(etcd: EtcdMember) -> None:
    with pytest.raises(InvalidRequest):
        etcd.txn([], [Put("/a", 1), Delete("/", "0")])
    assert etcd.status().revision == 1


def test_a_transaction_with_an_unknown_lease_changes_nothing(etcd: EtcdMember) -> None:
    with pytest.raises(LeaseNotFound):
        etcd.txn([], [Put("/a", 1), Put("/b", 1, lease=7)])
    assert etcd.range("/a").count == 0


def test_only_one_of_two_writers_who_read_the_same_version_wins(etcd: EtcdMember) -> None:
    read = etcd.put("/a", 1).mod_revision
    unchanged = [Compare("/a", "mod_revision", "=", read)]
    assert etcd.txn(unchanged, [Put("/a", 2)]).succeeded
    assert not etcd.txn(unchanged, [Put("/a", 3)]).succeeded
    assert etcd.range("/a").kvs[0].value == 2


def test_a_compaction_forgets_the_past_and_keeps_the_present(etcd: EtcdMember) -> None:
    etcd.put("/a", 1)
    etcd.put("/a", 2)
    etcd.delete_range("/a")
    etcd.put("/b", 1)
    etcd.compact(4)
    with pytest.raises(Compacted):
        etcd.range("/a", revision=3)
    assert etcd.range("/a", revision=4).kvs == []
    assert etcd.range("/b").count == 1


def test_a_watcher_that_writes_does_not_disturb_the_order_for_the_others(etcd: EtcdMember) -> None:
    seen: list[int] = []

    def write_more(revision: int, events: object) -> None:
        if revision < 5:
            etcd.put("/b", revision)

    etcd.watch("/", "0", 0, write_more, lambda error: None)
    etcd.watch("/", "0", 0, lambda revision, events: seen.append(revision), lambda error: None)
    etcd.put("/a", 1)
    assert seen == [2, 3, 4, 5]


def test_a_cancelled_watch_hears_nothing_more(etcd: EtcdMember) -> None:
    seen: list[int] = []
    watch = etcd.watch("/", "0", 0, lambda revision, events: seen.append(revision), lambda error: None)
    etcd.put("/a", 1)
    watch.cancel()
    etcd.put("/a", 2)
    assert seen == [2]


def test_a_crash_ends_the_watches_and_loses_nothing(etcd: EtcdMember) -> None:
    errors: list[Exception] = []
    etcd.put("/a", 1)
    etcd.watch("/", "0", 0, lambda revision, events: None, errors.append)
    etcd.process.kill()
    assert isinstance(errors[0], Unavailable)
    with pytest.raises(Unavailable):
        etcd.range("/a")
    assert restart(etcd).range("/a").kvs[0].value == 1


def test_keys_go_with_their_lease_all_at_once(sim: Simulation, etcd: EtcdMember) -> None:
    lease = etcd.lease_grant(10)
    etcd.put("/a", 1, lease)
    etcd.put("/b", 1, lease)
    etcd.put("/c", 1)
    sim.run(seconds(9.9))
    assert etcd.range("/", "0").count == 3
    sim.run(seconds(10))
    assert [key_value.key for key_value in etcd.range("/", "0").kvs] == ["/c"]
    assert etcd.status().revision == 5


def test_a_lease_that_is_kept_alive_lives_on(sim: Simulation, etcd: EtcdMember) -> None:
    lease = etcd.lease_grant(10)
    etcd.put("/a", 1, lease)
    sim.run(seconds(8))
    assert etcd.lease_keepalive(lease) == 10
    sim.run(seconds(17))
    assert etcd.range("/a").count == 1
    sim.run(seconds(18))
    assert etcd.range("/a").count == 0
    with pytest.raises(LeaseNotFound):
        etcd.lease_keepalive(lease)


def test_a_key_written_without_the_lease_outlives_it(sim: Simulation, etcd: EtcdMember) -> None:
    etcd.put("/a", 1, etcd.lease_grant(5))
    etcd.put("/a", 2)
    sim.run(seconds(6))
    assert etcd.range("/a").kvs[0].value == 2


def test_leases_survive_a_restart_and_begin_their_time_anew(sim: Simulation, etcd: EtcdMember) -> None:
    etcd.put("/a", 1, etcd.lease_grant(10))
    sim.run(seconds(9))
    again = restart(etcd)
    sim.run(seconds(18))
    assert again.range("/a").count == 1
    sim.run(seconds(19))
    assert again.range("/a").count == 0


def test_the_end_of_a_prefix_is_the_next_character() -> None:
    assert prefix_end("/registry/pods/") == "/registry/pods0"
    assert prefix_end("") == "\0"
