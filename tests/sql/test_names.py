"""Every name of V8 that dashboards and engineers read answers, with the columns they read."""

from __future__ import annotations

import re

import pytest

from acm_etl import tables
from acm_etl.dialects import DUCKDB, MSSQL
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.load.schema import ddl, migrate
from acm_etl.tables import docs, views
from acm_etl.tables.common import DETECTOR_NAMES

# Name and the columns that are read (predecessor.md 1.1 to 1.6 and 6.3), without RunID and EquipID.
READ = {
    "ACM_Scores_Wide": "Timestamp ar1_z pca_spe_z pca_t2_z mhal_z iforest_z gmm_z omr_z fused regime_label",
    "ACM_Scores_Long": "Timestamp DetectorType ZScore",
    "ACM_HealthTimeline": "Timestamp HealthIndex HealthZone FusedZ",
    "ACM_RegimeTimeline": "Timestamp RegimeLabel RegimeState",
    "ACM_ContributionTimeline": "Timestamp DetectorType ContributionPct",
    "ACM_DriftSeries": "Timestamp DriftValue",
    "ACM_Drift_TS": "Timestamp DriftValue",
    "ACM_SensorHotspotTimeline": "Timestamp SensorName Rank AbsZ SignedZ Value Level",
    "ACM_ThresholdCrossings": "Timestamp DetectorType Threshold ZScore Direction",
    "ACM_DefectTimeline": "Timestamp EventType FromZone ToZone HealthZone HealthAtEvent HealthIndex FusedZ DefectScore",
    "ACM_DriftEvents": "Timestamp Value SegmentStart SegmentEnd",
    "ACM_CulpritHistory": "StartTimestamp EndTimestamp DurationHours PrimaryDetector WeightedContribution LeadMeanZ "
    "DuringMeanZ LagMeanZ",
    "ACM_Anomaly_Events": "StartTs EndTs PeakScore Severity Status",
    "ACM_Regime_Episodes": "StartTs EndTs RegimeLabel DurationSeconds StabilityScore",
    "ACM_EpisodeCulprits": "SensorName ContributionPct Rank",
    "ACM_EpisodeDiagnostics": "episode_id peak_z peak_timestamp duration_h dominant_sensor severity "
    "severity_reason avg_z "
    "min_health_index",
    "ACM_Episodes": "StartTs EndTs DurationHours RecordCount PeakFusedZ AvgFusedZ MinHealthIndex Culprits "
    "Severity Status",
    "ACM_EpisodeMetrics": "TotalEpisodes AvgDurationHours MaxDurationHours RatePerDay MeanInterarrivalHours",
    "ACM_DefectSummary": "Status Severity CurrentHealth AvgHealth MinHealth EpisodeCount WorstSensor GoodCount",
    "ACM_SinceWhen": "AlertZone StartTimestamp DurationHours RecordCount",
    "ACM_AlertAge": "AlertZone StartTimestamp DurationHours RecordCount",
    "ACM_ContributionCurrent": "DetectorType ContributionPct ZScore",
    "ACM_SensorRanking": "DetectorType RankPosition ContributionPct ZScore",
    "ACM_SensorDefects": "DetectorType DetectorFamily Severity ViolationCount ViolationPct MaxZ AvgZ "
    "CurrentZ ActiveDefect",
    "ACM_SensorHotspots": "SensorName LatestAbsZ MaxAbsZ MaxTimestamp LatestValue TrainMean AboveAlertCount",
    "ACM_DetectorCorrelation": "DetectorA DetectorB PearsonR",
    "ACM_CalibrationSummary": "DetectorType MeanZ P95Z P99Z ClipZ SaturationPct",
    "ACM_HealthHistogram": "HealthBin RecordCount Percentage",
    "ACM_Run_Stats": "WindowStartEntryDateTime WindowEndEntryDateTime SamplesIn SamplesKept SensorsKept CadenceOKPct "
    "DriftP95 ReconRMSE AnomalyCount",
    "ACM_DataQuality": "SensorName CheckName CheckResult",
    "ACM_RegimeOccupancy": "RegimeLabel RecordCount Percentage",
    "ACM_RegimeTransitions": "FromLabel ToLabel Count Prob",
    "ACM_RegimeDwellStats": "RegimeLabel Runs MeanSeconds MedianSeconds MinSeconds MaxSeconds",
    "ACM_RegimeStability": "MetricName MetricValue",
    "ACM_HealthZoneByPeriod": "PeriodStart PeriodType HealthZone ZonePct ZoneCount TotalPoints Date",
    "ACM_SensorAnomalyByPeriod": "PeriodStart PeriodType PeriodSeconds DetectorType AnomalyRatePct MaxZ AvgZ "
    "Points Date",
    "ACM_PCA_Models": "EntryDateTime NComponents TargetVar VarExplainedJSON ScalingSpecJSON ModelVersion",
    "ACM_PCA_Loadings": "EntryDateTime ComponentNo ComponentID Sensor FeatureName Loading",
    "ACM_PCA_Metrics": "EntryDateTime Var90_N ReconRMSE P95_ReconRMSE Notes",
    "ACM_Runs": "EquipName StartedAt CompletedAt DurationSeconds ConfigSignature HealthStatus "
    "AvgHealthIndex ErrorMessage",
    "Runs": "Stage EntryDateTime EndEntryDateTime WindowStartEntryDateTime WindowEndEntryDateTime Outcome ConfigHash",
    "RunLog": "Stage Outcome RowsRead RowsWritten Version",
    "ACM_ColdstartState": "Stage Status AccumulatedRows RequiredRows",
    "ModelRegistry": "ModelType Version ParamsJSON ModelBytes",
    "Equipment": "EquipCode EquipName Area Unit CreatedAtUTC",
    "ACM_Config": "ParamPath ParamValue UpdatedAt UpdatedBy",
    "ACM_ConfigHistory": "ParamPath OldValue NewValue ChangedAt ChangedBy ChangeReason",
    "ACM_TagEquipmentMap": "TagName EquipmentName TagDescription TagUnit TagType IsActive",
    "ACM_DetectorMetadata": "DetectorFamily ShortName Explanation OperatorHint",
    "ACM_BaselineBuffer": "Timestamp SensorName SensorValue DataQuality",
    "ACM_FeatureDropLog": "FeatureName Reason",
    "ACM_OMR_Diagnostics": "SensorName ResidualStd",
    "ACM_SensorDrift": "Timestamp SensorName DriftValue",
}


@pytest.fixture(scope="module")
def engine():
    engine = DuckDB("duckdb:///:memory:")
    migrate.init_schema(engine)
    yield engine
    engine.close()


@pytest.mark.parametrize("name", READ)
def test_every_name_answers_with_the_columns_that_are_read(engine, name):
    columns = ", ".join(f'"{column}"' for column in READ[name].split())
    assert engine.query(f'SELECT {columns} FROM "{name}"').columns == READ[name].split()


@pytest.mark.parametrize("name", READ)
def test_sql_server_has_the_same_name_with_the_same_columns(name):
    text = "\n".join(ddl.render_init_scripts(MSSQL).values())
    created = rf"CREATE (?:OR ALTER )?(?:TABLE|VIEW) \[dbo\]\.\[{name}\]"
    body = re.search(rf"{created}(.*?)^(?:GO|\))$", text, re.DOTALL | re.MULTILINE)[1]
    assert all(f"[{column}]" in body for column in READ[name].split())


def test_most_names_are_tables_with_a_unique_key():
    physical = [table for table in tables.ALL if table.name in READ]
    assert len(physical) >= 26
    assert len({table.name for table in tables.ALL}) == len(tables.ALL)
    for table in tables.ALL:
        assert table.key, table.name
        assert set(table.key) <= set(table.columns_by_name), table.name
        assert not [name for name in table.key if table.columns_by_name[name].nullable], table.name
        assert not [name for name in table.key if table.columns_by_name[name].base_type == "f64"], table.name


def test_every_head_is_explained_under_the_keys_of_the_defects(engine):
    found = engine.query('SELECT "DetectorType", "DetectorFamily" FROM "ACM_DetectorMetadata"')
    assert sorted(found.rows()) == sorted((head, head.upper()) for head in DETECTOR_NAMES)
    defects = tables.BY_NAME["ACM_SensorDefects"].columns_by_name
    assert set(defects["DetectorType"].allowed_values) == set(found["DetectorType"])
    assert set(defects["DetectorFamily"].allowed_values) == set(found["DetectorFamily"])


def test_what_a_table_always_has_is_there_once_however_often_its_script_is_applied(engine):
    engine.execute('DELETE FROM "ACM_SchemaVersion" WHERE "Name" = \'001_reference.sql\'')
    assert migrate.init_schema(engine).applied
    assert engine.query('SELECT COUNT(*) AS n FROM "ACM_DetectorMetadata"').item() == len(DETECTOR_NAMES)


@pytest.mark.parametrize("source", [*tables.ALL, *views.ALL], ids=lambda source: source.name)
def test_every_example_of_the_documents_runs(engine, source):
    engine.query(docs.example_query(source))


@pytest.mark.parametrize("dialect", [DUCKDB, MSSQL], ids=lambda dialect: dialect.name)
def test_tables_documents_and_both_engines_have_the_same_names(dialect):
    text = "\n".join(ddl.render_init_scripts(dialect).values())
    created = re.findall(
        r"^CREATE (?:OR REPLACE |OR ALTER )?(TABLE|VIEW) (?:IF NOT EXISTS )?(?:\[dbo\]\.)?[\[\"](\w+)[\]\"]",
        text,
        re.MULTILINE,
    )
    # the list of time zones is SQL Server's own
    assert {name for kind, name in created if kind == "TABLE"} - {"ACM_TimeZones"} == set(tables.BY_NAME)
    assert {name for kind, name in created if kind == "VIEW"} == {view.name for view in views.ALL}
    sections = re.findall(r"^### (\S+)$", docs.render_reference(), re.MULTILINE)
    assert sections == [source.name for source in (*tables.ALL, *views.ALL)]
