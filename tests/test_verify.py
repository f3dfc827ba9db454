"""``acm-etl verify``: a good store is good, and every way of damaging one is found and named."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta

import pytest
from commands import alter, assert_refused, damage, run
from plants import Plant, assert_same, history, make_scored_plant
from stores import EVERYWHERE

DAYS, KEPT = 22, 7
# The first reading of the days whose states are kept: these can be recomputed.
TIME = f"(SELECT MIN(Timestamp) + INTERVAL {DAYS - KEPT} DAY FROM ACM_Scores_Wide)"
LATE = (
    "SELECT RunID FROM RunLog WHERE Stage = 'score' AND NOT Provisional AND Outcome = 'OK' "
    "ORDER BY WindowStart DESC LIMIT 1"
)
# Enough to recompute every day with a kept state.
ALL = ("--sample", "1000", "--seed", "1")


def without_checks(table, change):
    """The same rows in a table without constraints, as somebody who repairs by hand might leave it."""
    return f'CREATE OR REPLACE TABLE "{table}" AS SELECT * REPLACE ({change}) FROM "{table}"'


DAMAGE = {
    "a row twice": (f"INSERT INTO ACM_Scores_Wide SELECT * FROM ACM_Scores_Wide WHERE Timestamp > {TIME} LIMIT 1",
                    "keys", ("ACM_Scores_Wide", "more than once", "Timestamp")),
    "a row of an unknown run": (("UPDATE ACM_Scores_Wide SET RunID = gen_random_uuid() WHERE Timestamp = "
                                "(SELECT MAX(Timestamp) FROM ACM_Scores_Wide)"),
                                "orphans", ("ACM_Scores_Wide: 1 row whose run is missing",)),
    "rows of a failed run": (f"UPDATE RunLog SET Outcome = 'FAIL' WHERE RunID = ({LATE})",
                             "orphans", ("whose run is not OK",)),
    "a row outside its window": (("UPDATE ACM_Scores_Wide SET Timestamp = Timestamp - INTERVAL 3 DAY "
                                 "WHERE Timestamp = (SELECT MAX(Timestamp) FROM ACM_Scores_Wide)"),
                                 "orphans", ("ACM_Scores_Wide: 1 row outside the window",)),
    "a NaN": (without_checks("ACM_Scores_Wide", "'NaN'::DOUBLE AS fused"),
              "values", ("ACM_Scores_Wide.fused is NaN or infinite",)),
    "a NULL": (without_checks("ACM_Scores_Wide", "NULL::BOOLEAN AS alarm"),
               "values", ("ACM_Scores_Wide.alarm is NULL",)),
    "a word that is none": (without_checks("ACM_Scores_Wide", "'FINE' AS OperatingState"),
                            "values", ("OperatingState is none of",)),
    "a run without analytics": (f"DELETE FROM ACM_Runs WHERE RunID = ({LATE})",
                                "runs", ("1 run without a row in ACM_Runs, though OK",)),
    "a window gone": (f"DELETE FROM RunLog WHERE RunID = ({LATE})", "gaps", ("no run covers", "readings")),
    "a window twice": ((f"INSERT INTO RunLog BY NAME SELECT * REPLACE (gen_random_uuid() AS RunID) FROM RunLog "
                       f"WHERE RunID = ({LATE})"), "gaps", ("but the one before it ends at",)),
    "progress ahead": ("UPDATE ACM_BatchProgress SET LastBatchEndTime = LastBatchEndTime + INTERVAL 1 DAY",
                       "progress", ("the last final window ends at", "no state as of")),
    "progress lost": ("DELETE FROM ACM_BatchProgress", "progress", ("there is no progress row",)),
    "a coldstart undone": ("UPDATE ACM_ColdstartState SET Status = 'PENDING'",
                           "progress", ("the coldstart is PENDING",)),
    "models gone": ("DELETE FROM ModelRegistry", "progress", ("ModelRegistry has no version 1",)),
    "rows gone": (f"DELETE FROM ACM_Scores_Wide WHERE RunID = ({LATE})", "rows", ("ACM_Scores_Wide has no rows",)),
    "half the rows gone": (f"DELETE FROM ACM_Scores_Wide WHERE RunID = ({LATE}) AND HOUR(Timestamp) < 12",
                           "rows", ("different numbers of rows",)),
    "a score changed": ((f"UPDATE ACM_Scores_Wide SET fused = fused + 0.001 WHERE Timestamp = "
                        f"(SELECT MIN(Timestamp) FROM ACM_Scores_Wide WHERE Timestamp > {TIME})"),
                        "recomputed", ("ACM_Scores_Wide: other values in fused",)),
    "an episode gone": ("DELETE FROM ACM_Episodes", "recomputed", ("ACM_Episodes:", "missing")),
    "an event too many": (("INSERT INTO ACM_DefectTimeline BY NAME SELECT * REPLACE "
                          "(Timestamp + INTERVAL 1 MILLISECOND AS Timestamp) FROM ACM_DefectTimeline"),
                          "recomputed", ("ACM_DefectTimeline:", "1 row not recomputed")),
    "a summary changed": ("UPDATE ACM_HealthDaily SET Readings = Readings + 1",
                          "recomputed", ("ACM_HealthDaily: other values in Readings",)),
    "a loading changed": ("UPDATE ACM_PCA_Loadings SET Loading = Loading + 0.001 WHERE ComponentNo = 1",
                          "models", ("ACM_PCA_Loadings: other values in Loading",)),
    "a tag of the models gone": ("DELETE FROM ACM_ModelTags WHERE Ordinal = 0",
                                 "models", ("ACM_ModelTags: 1 row missing",)),
    "readings changed": (('DELETE FROM "FAN_1_Data" WHERE "EntryDateTime" = (SELECT MIN(Timestamp) '
                         f"FROM ACM_Scores_Wide WHERE Timestamp > {TIME})"),
                         "recomputed", ("the historian now has", "status")),
    "a column gone": ("ALTER TABLE ACM_DriftEvents DROP COLUMN DurationHours", "columns", ("acm-etl init",)),
}  # fmt: skip


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    path = tmp_path_factory.mktemp("verify") / "acm.duckdb"
    return make_scored_plant(path, readings=history(days=DAYS), options={"backfill.replay_days": KEPT})


def copied(published, folder):
    place = Plant(folder / "acm.duckdb")
    shutil.copy(published.path, place.path)
    return place


def verified(place, *words):
    found = run(place, "--json", "verify", "FAN_1", *words)
    rows = json.loads(found.stdout)["findings"]
    wrong = {check: [r["finding"] for r in rows if r["check"] == check and r["level"] == "fail"] for check in
             [r["check"] for r in rows]}  # fmt: skip
    return found.exit_code, wrong


@pytest.mark.slow
def test_a_good_store_is_good_in_every_day_and_stays_as_it_is(published, tmp_path):
    place = copied(published, tmp_path)
    before = place.dump()
    result = run(place, "verify", "--all", *ALL)
    assert result.exit_code == 0, result.output
    assert f"{KEPT} of {KEPT} days recomputed" in result.output
    assert " states: " in result.output
    assert_same(place.dump(), before)


# Damage to columns or tables of their own, each named in its finding: verified at once.
TOGETHER = (
    ("a NaN", "a NULL", "a word that is none"),
    ("a score changed", "an episode gone", "an event too many", "a summary changed"),
    ("a loading changed", "a tag of the models gone"),
)
ALONE = [(name,) for name in DAMAGE if name not in sum(TOGETHER, ())]


@pytest.mark.sampled
@pytest.mark.parametrize("names", [*ALONE, *TOGETHER], ids=", ".join)
def test_damage_is_found(published, tmp_path, names):
    place = copied(published, tmp_path)
    for name in names:
        alter(place, DAMAGE[name][0])
    recomputes = {"recomputed", "models"} & {DAMAGE[name][1] for name in names}
    code, wrong = verified(place, *(ALL if recomputes else ("--sample", "0")))
    assert code == 4
    for name in names:
        _, check, words = DAMAGE[name]
        for word in words:
            assert word in " ".join(wrong[check]), wrong


@pytest.mark.slow
def test_other_scores_of_another_version_are_no_damage(published, tmp_path):
    place = copied(published, tmp_path)
    alter(place, "UPDATE RunLog SET Version = '0.0.1'")
    alter(place, DAMAGE["a score changed"][0])
    code, wrong = verified(place, *ALL)
    assert code == 0
    assert wrong["recomputed"] == []


@pytest.mark.sampled
@pytest.mark.parametrize(("table", "column"), [("ModelRegistry", "ModelBytes"), ("ACM_State", "Blob")])
def test_corrupt_bytes_are_found(published, tmp_path, table, column):
    place = copied(published, tmp_path)
    damage(place, table, column)
    code, wrong = verified(place, "--sample", "1")
    assert code == 4
    assert "corrupt" in " ".join(wrong["models"])
    assert "corrupt" in " ".join(wrong["recomputed"])


@pytest.mark.slow
def test_settings_of_now_do_not_matter(published, tmp_path):
    place = copied(published, tmp_path)
    other = {"ACM_SCORE__ALARM_Z": "4.5", "ACM_BACKFILL__TICK": "6h", "ACM_TRAINING__DAYS": "20",
             "ACM_REFIT__AGE_DAYS": "30"}  # fmt: skip
    result = run(place, "verify", "FAN_1", *ALL, env=other)
    assert result.exit_code == 0, result.output
    assert f"{KEPT} of {KEPT} days recomputed" in result.output
    alter(place, f"UPDATE ACM_Scores_Wide SET fused = fused + 0.001 WHERE Timestamp > {TIME}")
    assert "other values in fused" in run(place, "verify", "FAN_1", *ALL, env=other).output


@pytest.mark.slow
@pytest.mark.parametrize("change", ["'{\"score\": {}, \"training\": {}, \"backfill\": {}}'",
                                    "replace(ParamsJSON, 'alarm_z', 'alarm_y')", "'{'"])  # fmt: skip
def test_settings_that_are_not_kept_cannot_recompute_and_are_named(published, tmp_path, change):
    place = copied(published, tmp_path)
    alter(place, f"UPDATE ModelRegistry SET ParamsJSON = {change}")
    result = run(place, "verify", "FAN_1", "--sample", "1", env={"ACM_SCORE__ALARM_Z": "4.5"})
    assert result.exit_code == 4
    assert "use --sample 0" in result.output
    assert verified(place, "--sample", "1")[0] == 0, "with the settings of then, nothing is missing"


@pytest.mark.slow
def test_one_machine_spoils_nothing_for_the_others(published, tmp_path):
    place = copied(published, tmp_path)
    for code in ("FAN_2", "FAN_3"):
        place.load(history(days=16), code=code)
    assert run(place, "backfill", "--equip", "FAN_2", "--tick", "12h").exit_code == 0
    assert run(place, "backfill", "--equip", "FAN_3").exit_code == 0
    alter(place, 'ALTER TABLE "FAN_3_Data" RENAME TO "GONE"')
    found = run(place, "--json", "verify", "--all", "--sample", "2")
    assert found.exit_code == 4
    rows = json.loads(found.stdout)["findings"]
    assert {row["machine"] for row in rows if row["check"] == "recomputed" and row["level"] == "ok"} == {
        "FAN_1",
        "FAN_2",
    }
    wrong = [(row["machine"], row["check"], row["finding"]) for row in rows if row["level"] == "fail"]
    assert [row[:2] for row in wrong] == [("FAN_3", "verify")]
    assert "FAN_3_Data does not exist" in wrong[0][2]
    assert {row["check"] for row in rows if row["machine"] == "FAN_3"} >= {"keys", "orphans", "values", "runs"}


@pytest.mark.slow
def test_a_zone_that_no_longer_exists_does_not_end_the_check_of_the_others(published, tmp_path):
    place = copied(published, tmp_path)
    place.load(history(days=2), code="FAN_0")
    alter(place, "UPDATE Equipment SET TimeZone = 'Mars/Olympus' WHERE EquipCode = 'FAN_1'")
    found = run(place, "--json", "verify", "--all", "--sample", "1")
    assert found.exit_code == 4
    rows = json.loads(found.stdout)["findings"]
    assert {row["machine"] for row in rows} == {"FAN_0", "FAN_1"}
    assert [row["machine"] for row in rows if row["level"] == "fail" and "Mars/Olympus" in row["finding"]] == ["FAN_1"]


def test_changed_readings_are_found_although_no_day_is_recomputed(published, tmp_path):
    place = copied(published, tmp_path)
    alter(place, DAMAGE["readings changed"][0])
    alter(place, "UPDATE ModelRegistry SET ModelBytes = 'broken'::BLOB")
    found = run(place, "--json", "verify", "FAN_1", "--sample", "0")
    (wrong,) = [row for row in json.loads(found.stdout)["findings"] if row["check"] == "readings"]
    assert (wrong["level"], "--replay-changed" in wrong["finding"]) == ("fail", True)


def test_a_machine_or_all_but_not_both(published):
    assert_refused(run(published, "verify"), 2, "--all")
    assert_refused(run(published, "verify", "FAN_1", "--all"), 2, "not both")
    assert_refused(run(published, "verify", "FAN_2"), 2, "FAN_2")


def test_a_machine_before_its_first_backfill_has_nothing_wrong(plant):
    assert verified(plant(readings=history(days=3)))[0] == 0


@pytest.mark.slow
def test_windows_of_another_tick_and_models_of_a_refit(plant):
    place = plant.scored(readings=history(days=20, cadence=timedelta(hours=1)), tick="6h", max_windows=60)
    assert run(place, "refit", "FAN_1").exit_code == 0
    assert place.backfill(tick="6h").exit_code == 0
    result = run(place, "verify", "FAN_1", *ALL, env={"ACM_BACKFILL__TICK": "6h"})
    assert result.exit_code == 0, result.output


@pytest.mark.slow
@EVERYWHERE
def test_every_engine_is_verified(plant):
    place = plant.scored(readings=history(days=16))
    code, wrong = verified(place, "--sample", "2")
    assert (code, [check for check, findings in wrong.items() if findings]) == (0, [])
    assert {"runs", "recomputed"} <= set(wrong)
    engine = place.connect()
    engine.execute(f"DELETE FROM {engine.dialect.quote('ACM_Runs')}")
    engine.execute(f"UPDATE {engine.dialect.quote('ACM_Scores_Wide')} SET {engine.dialect.quote('HealthIndex')} = 0.5")
    engine.close()
    code, wrong = verified(place, "--sample", "2")
    assert code == 4
    assert "without a row in ACM_Runs" in " ".join(wrong["runs"])
    assert "other values in HealthIndex" in " ".join(wrong["recomputed"])
