"""The time zone of a machine decides its local days: a changed one is refused until all days are recomputed."""

from __future__ import annotations

from plants import START


def set_zone(place, zone, *, table="Equipment"):
    engine = place.connect()
    try:
        value = "NULL" if zone is None else f"'{zone}'"
        engine.execute(f'UPDATE "{table}" SET "TimeZone" = {value}')
    finally:
        engine.close()


def read_zone(place):
    return place.query('SELECT "TimeZone" FROM "ACM_BatchProgress"').item()


def test_a_changed_time_zone_is_refused_until_all_days_are_recomputed(plant):
    place = plant.scored(max_windows=5)
    old_zone = read_zone(place)
    set_zone(place, "Asia/Tokyo")
    (refused,) = place.backfill(max_windows=1).machines
    assert (refused.outcome, refused.exit_code) == ("failed", 2)
    assert old_zone in refused.message
    assert f"--replay-from {START:%Y-%m-%d}" in refused.message
    assert place.backfill(dry_run=True).machines[0].outcome == "failed"
    place.backfill_or_fail(replay_from=START, max_windows=5)
    assert read_zone(place) == "Asia/Tokyo"
    place.backfill_or_fail(max_windows=1)


def test_a_store_of_an_earlier_version_goes_on_and_is_bound_to_its_zone(plant):
    place = plant.scored(max_windows=5)
    zone = read_zone(place)
    set_zone(place, None, table="ACM_BatchProgress")
    place.backfill_or_fail(max_windows=1)
    assert read_zone(place) == zone
