"""Errors and dropped connections at every step of a batch, and the stored rows after the batch was repeated."""

from __future__ import annotations

import logging
import traceback
from contextlib import closing
from threading import Lock

import pytest
import stores
from load.made import at

from acm_etl import tables
from acm_etl.dialects import MSSQL
from acm_etl.errors import (
    ConflictError,
    ConnectionLostError,
    DriverError,
    MissingTableError,
    StoreError,
    TransientError,
    UnavailableError,
)
from acm_etl.io.mssql import statements
from acm_etl.load import publish
from acm_etl.load.machines import equipment
from mssql.batches import make_large_batch, publish_large_batch, read_batch_tables
from mssql.tds import Dropped, Failure

# Where it happens: a piece of the statement, and whether before or after the server has carried it out.
STEPS = {
    "staging": ("CREATE TABLE [stage]", "before"),
    "small rows": ("INSERT INTO [stage].[acm_ACM_StagedRows", "before"),
    "shared copy": ("BULK [stage].[acm_ACM_StagedRows", "before"),
    "bulk copy": ("BULK [stage].[acm_ACM_SensorDrift", "before"),
    "begin": ("BEGIN TRANSACTION", "after"),
    "first merge": ("MERGE INTO [RunLog]", "before"),
    "middle insert": ("INSERT INTO [ACM_SensorDrift]", "after"),
    "metrics": ("MERGE INTO [ACM_WriteMetrics]", "before"),
    "progress": ("INSERT INTO [ACM_BatchProgress]", "after"),
    "commit": ("COMMIT", "before"),
    "commit answered": ("COMMIT", "after"),
    "clean-up": ("DROP TABLE", "before"),
}
KINDS = {
    "deadlock": lambda: Failure(1205, "You were chosen as the deadlock victim.", 13),
    "lock timeout": lambda: Failure(1222, "Lock request time out period exceeded."),
    "killed": lambda: Failure(596, "Cannot continue the execution because the session is in the kill state.", 21),
    "failover": lambda: Failure(983, "Unable to access availability database 'ACM': its replica is not PRIMARY.", 14),
    "dropped": Dropped,
}
# `make test` takes by turns, at every third step, an error that is repeated in its session and one that ends it.
QUICK_KINDS = ("deadlock", "dropped")
BREAKS = [
    pytest.param(step, kind, marks=[] if number % 3 == 0 and kind == QUICK_KINDS[number % 2] else pytest.mark.slow)
    for number, step in enumerate(STEPS)
    for kind in KINDS
]


class Once:
    """Breaks the first statement that contains a piece of text."""

    def __init__(self, standin, piece, when, error):
        self.piece, self.error, self.armed = piece, error, True
        setattr(standin, when, self)

    def __call__(self, _session, sql):
        # Before CREATE TABLE a DROP TABLE is no clean-up.
        if self.armed and self.piece in sql and (self.piece != "DROP TABLE" or "CREATE" not in sql):
            self.armed = False
            raise self.error()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    with stores.serve(tmp_path_factory.mktemp("undisturbed") / "x.duckdb") as server:
        from acm_etl.io.mssql.engine import MsSql  # noqa: PLC0415 - it may not load

        with closing(MsSql(server["store.url"])) as engine:
            equipment.register_machine(engine, "FAN", time_zone="Europe/Berlin")
            publish_large_batch(engine)
            return read_batch_tables(engine)


@pytest.mark.parametrize(("step", "kind"), BREAKS)
def test_a_batch_is_stored_exactly_once_whatever_breaks(standin, engine, undisturbed, step, kind):
    piece, when = STEPS[step]
    with engine.acquire_lock("FAN"):
        broken = Once(standin, piece, when, KINDS[kind])
        attempts = publish_large_batch(engine)
        assert not broken.armed
        assert standin.server.statements("COMMIT")
        found = read_batch_tables(engine)
    assert attempts == (1 if step == "clean-up" else 2)
    for name, frame in undisturbed.items():
        assert found[name].equals(frame), name
    engine.clear_staging()  # what could not be dropped at the time
    # A session whose connection was lost leaves its tables to the next session in its slot.
    assert all(name.endswith("_s1") for name in standin.staged())


@pytest.mark.sampled(2)
@pytest.mark.parametrize("step", ["shared copy", "bulk copy", "first merge", "middle insert", "commit"])
def test_a_terminal_error_fails_at_once_and_leaves_nothing(standin, engine, step):
    before = read_batch_tables(engine)
    piece, when = STEPS[step]
    Once(standin, piece, when, lambda: Failure(2627, "Violation of PRIMARY KEY constraint."))
    with pytest.raises(StoreError, match="2627") as caught:
        publish.publish_batch(engine, make_large_batch())
    assert not isinstance(caught.value, TransientError | UnavailableError)
    tables = {"shared copy": None, "first merge": "RunLog", "commit": None}
    assert caught.value.table == tables.get(step, "ACM_SensorDrift")
    for name, frame in read_batch_tables(engine).items():
        assert frame.equals(before[name]), name
    engine.close()
    assert standin.staged() == []


def test_three_deadlocks_are_one_too_many(standin, engine):
    def always(_session, sql):
        if "INSERT INTO [ACM_Scores" in sql:
            raise Failure(1205, "victim", 13)

    standin.before = always
    with pytest.raises(TransientError, match="1205"):
        publish_large_batch(engine)
    assert len(standin.server.statements("INSERT INTO .ACM_Scores")) == 3
    assert read_batch_tables(engine)["ACM_Scores_Wide"].is_empty()


def test_a_rollback_that_fails_costs_the_connection_and_is_reported(standin, engine, caplog):
    def refuse(_session, sql):
        if "INSERT INTO [ACM_Scores" in sql:
            raise Failure(547, "refused")
        if "ROLLBACK" in sql:
            raise Failure(3971, "cannot roll back")

    standin.before = refuse
    with caplog.at_level(logging.WARNING), pytest.raises(StoreError, match="547"):
        publish.publish_batch(engine, make_large_batch())
    assert "rollback failed" in caplog.text
    assert "nothing was committed" in caplog.text
    standin.before = lambda *_: None
    assert read_batch_tables(engine)["ACM_Scores_Wide"].is_empty()
    caplog.clear()
    Once(standin, "COMMIT", "after", Dropped)
    assert publish_large_batch(engine) == 2
    assert "the transaction may have been committed" in caplog.text


@pytest.mark.slow
def test_a_server_that_is_away_is_tried_again_and_then_given_up(standin, connect, monkeypatch):
    from acm_etl.io.mssql.session import Timeouts  # noqa: PLC0415 - it may not load

    engine = connect(timeouts=Timeouts(login=1))
    standin.server.close()
    monkeypatch.setattr(engine, "_last_used", 0)
    with pytest.raises(TransientError, match=r"cannot reach mssql://127.0.0.1:\d+/ACM"):
        engine.query("SELECT 1 AS x")


@pytest.mark.sampled(6)
@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (229, StoreError, "no permission; let a DBA add the login to the role acm_loader"),
        (262, StoreError, "no permission to create it; let a DBA run the scripts of sql/mssql"),
        (3906, StoreError, "the database is read-only"),
        (1105, StoreError, "a file group of the server is full"),
        (9002, StoreError, "a transaction log of the server is full"),
        (208, MissingTableError, "a table or view is missing"),
        (207, StoreError, "a table was altered: a column is missing; run acm-etl init"),
        (2628, StoreError, "a text is longer than its column: the table was altered"),
        (40501, TransientError, "the server is throttling"),
        (49919, TransientError, "the server is busy"),
        (701, TransientError, "the server is out of memory"),
        (10936, TransientError, "the elastic pool has no free request"),
        (8651, TransientError, "the server has no memory for the query"),
        (8628, TransientError, "the server waited too long to optimize the query"),
        (40552, StoreError, "too much log; lower backfill.batch_rows"),
        (40544, StoreError, "storage limit; delete data .acm-etl prune. or raise the limit"),
        (824, StoreError, "let a DBA run DBCC CHECKDB"),
        (916, StoreError, "let a DBA run CREATE USER there and grant SELECT"),
        (50000, StoreError, "SQL Server error 50000: injected"),
    ],
)
def test_errors_are_classified_by_number(standin, engine, number, kind, words):
    Once(standin, "SELECT 1 AS x", "before", lambda: Failure(number))
    with pytest.raises(kind, match=words) as caught:
        engine.query("SELECT 1 AS x WHERE 1 = ?", [1])
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)
    assert engine.query("SELECT 1 AS x").item() == 1


def test_cached_columns_are_dropped_when_the_server_has_others(standin, engine):
    def asked():
        return len(standin.server.statements(r"INFORMATION_SCHEMA\.COLUMNS"))

    assert "RunID" in engine.get_column_types("RunLog")
    known = asked()
    engine.get_column_types("RunLog")
    assert asked() == known, "remembered"
    Once(standin, "SELECT 1 AS x", "before", lambda: Failure(207))
    with pytest.raises(StoreError):
        engine.query("SELECT 1 AS x")
    engine.get_column_types("RunLog")
    assert asked() == known + 1, "asked again after an error of the schema"
    engine.execute("CREATE TABLE [new] (k INT)")
    engine.get_column_types("RunLog")
    assert asked() == known + 2, "and after a change of our own"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (18456, "18456: the login failed: check user and password"),
        (-18456, "18456: the login failed: check user and password"),
        (4060, "4060: the database does not exist or this login may"),
        (18470, "18470: the login is disabled; let a DBA enable it"),
        (18486, "18486: the login is locked; let a DBA unlock it"),
        (18461, "18461: the server accepts administrators only"),
        (942, "942: that database is offline; run again when it is online"),
        (976, "976: "),
        (40615, "40615: the firewall of the server does not admit this address"),
        (40532, "/ACM: the server refused the connection: Cannot open server"),
    ],
)
def test_a_failed_login_gives_the_reason_and_no_secret(standin, connect, number, words, caplog):
    texts = {
        18456: "Login failed for user 'loader'.",
        -18456: "Fehler bei der Anmeldung für den Benutzer 'loader'.",
        4060: 'Cannot open database "ACM" requested by the login.',
        18470: "Login failed for user 'loader'. Reason: The account is disabled.",
        18486: "Login failed for user 'loader' because the account is currently locked out.",
        18461: "Login failed for user 'loader'. Reason: Server is in single user mode.",
        942: "Database 'ACM' cannot be opened because it is offline.",
        976: "The target database, 'ACM', is participating in an availability group and is not accessible for queries.",
        40615: "Client with IP address '1.2.3.4' is not allowed to access the server.",
        40532: 'Cannot open server "plant" requested by the login. The request was denied.',
    }

    def refuse(_session, sql):
        if sql == "LOGIN":
            raise Failure(abs(number), f"{texts[number]} s3cret-Word!", 14)

    standin.before = refuse
    with caplog.at_level(logging.DEBUG), pytest.raises(UnavailableError, match=words) as caught:
        connect()
    assert "check host" not in str(caught.value), "the server was reached"
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "s3cret" not in shown


def test_names_say_nothing_about_an_error():
    pytest.importorskip("mssql_python")
    from acm_etl.io.mssql import errors, login_errors  # noqa: PLC0415

    refused = errors.DriverFault("Login failed for user 'service is currently busy'.", errors.LOGIN_FAILED, "28000")
    for was_reachable in (False, True):
        found = login_errors.connection_error(refused, url="mssql://plant/ACM", was_reachable=was_reachable)
        assert not isinstance(found, ConnectionLostError)
        assert "error 18456" in str(found)
    for text in ("Float NaN is not allowed in column 'timed out'", "no column [connection closed] can't be found"):
        found = errors.translate_fault(errors.DriverFault(text), url="mssql://plant/ACM")
        assert type(found) is DriverError
    lost = errors.DriverFault("the server can't answer: connection closed, it isn't there")
    assert isinstance(errors.translate_fault(lost, url="mssql://plant/ACM"), ConnectionLostError)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (4060, 'Cannot open database "ACM" requested by the login. The login failed.'),
        (4064, "Cannot open user default database. Login failed."),
        (6005, "SHUTDOWN is in progress. Login failed for user 'x'. Only administrators may connect at this time."),
        (18401, "Login failed for user 'x'. Server is in script upgrade mode. Only administrator can connect."),
        (18461, "Login failed for user 'x'. Reason: Server is in single user mode. Only one administrator ..."),
        (18401, "Fehler bei der Anmeldung für den Benutzer 'x'. Der Server führt ein Skriptupgrade aus."),
        (922, "Database 'ACM' is being recovered. Waiting until recovery is finished."),
        (17197, "Login failed due to timeout; the connection has been closed. The server may be under heavy load."),
        (924, "Database 'ACM' is already open and can only have one user at a time."),
        (10928, "Resource ID: 1. The request limit for the database is 90 and has been reached."),
    ],
)  # fmt: skip
def test_a_server_that_starts_again_is_waited_for(standin, connect, number, text):
    engine = connect()

    def refuse(_session, sql):
        if sql == "LOGIN":
            raise Failure(number, text, 14)

    standin.before = refuse
    with pytest.raises(ConnectionLostError):
        engine.open_session()
    standin.before = lambda *_: None
    assert engine.open_session().query("SELECT 1 AS x").item() == 1


def test_the_first_login_waits_for_a_paused_database_and_for_no_wrong_password(standin, connect, monkeypatch, caplog):
    from acm_etl.io.mssql import engine  # noqa: PLC0415 - it may not load

    monkeypatch.setattr(engine, "FIRST_LOGIN_PAUSE_SECONDS", 0)
    paused = Failure(40613, "Database 'ACM' on server 'x' is not currently available. Please retry later.", 14)
    tries = []

    def refuse(_session, sql):
        if sql == "LOGIN" and len(tries) < 2:
            tries.append(sql)
            raise paused

    standin.before = refuse
    assert connect().query("SELECT 1 AS x").item() == 1
    assert len(tries) == 2
    assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 1
    monkeypatch.setattr(engine, "FIRST_LOGIN_WAIT_SECONDS", -1)
    tries.clear()
    with pytest.raises(UnavailableError, match=r"40613: the database is being moved, or resumed .* run the command"):
        connect()
    assert len(tries) == 1


def test_a_loader_that_meets_a_database_in_recovery_stays_in_use(standin, engine):
    """Its login is refused while the control session is in: that is no fault of the loader."""
    refused = []

    def refuse(session, sql):
        if sql == "LOGIN" and session.app == "mssql-python" and not refused:
            refused.append(sql)
            raise Failure(4060, 'Cannot open database "ACM" requested by the login. The login failed.', 14)

    standin.before = refuse
    assert publish_large_batch(engine) == 2
    assert refused
    assert loader_in_use(engine) == "arrow"


def loader_in_use(engine):
    return next(finding.text.split()[0] for finding in engine.collect_findings() if finding.name == "loader")


class Spare:
    """A loader that takes what the first one could not."""

    name = "odbc"
    guard = Lock()

    def refusal_reason(self, _frame):
        return None

    def copy_rows(self, session, place, table, frame):
        with self.guard:
            for insert in statements.build_inserts(table, place, frame, MSSQL):
                session.execute(insert.sql, insert.values, types=insert.types)
        return frame.height


def test_a_loader_that_cannot_log_in_gives_way(standin, connect, caplog):
    engine = connect(parallel_loads=2)
    equipment.register_machine(engine, "FAN", time_zone="UTC")

    def refuse(session, sql):
        if sql == "LOGIN" and session.app == "mssql-python":  # the bulk copy's own login, not the driver's
            raise Failure(18456, "Login failed for user 'loader'.", 14)

    standin.before = refuse
    engine._loaders._available[1:] = [Spare()]
    with caplog.at_level(logging.WARNING):
        assert publish_large_batch(engine) == 1
    assert "loader arrow disabled" in caplog.text
    assert loader_in_use(engine) == "odbc"
    assert read_batch_tables(engine)["ACM_Scores_Wide"].height == 720


def test_doctor_lists_missing_permissions_of_the_login(standin, engine):
    def permissions():
        return next(finding for finding in engine.collect_findings() if finding.name == "permissions")

    declared = {table.name for table in tables.ADMINISTERED}
    standin.denied = {(verb, name) for verb in ("INSERT", "UPDATE", "DELETE") for name in declared}
    assert permissions().level == "ok"  # as for a login with the role acm_loader and no other
    assert f"SELECT on all {len(tables.ALL)} tables" in permissions().text
    standin.denied |= {("SELECT", "ACM_Sources")}
    assert "no SELECT on 1 table such as ACM_Sources" in permissions().text
    standin.denied = {("DELETE", "RunLog"), ("INSERT", "RunLog"), ("INSERT", "ACM_State")}
    assert permissions().level == "warn"
    assert "no INSERT on 2 tables such as " in permissions().text
    assert "no DELETE on 1 table such as RunLog; let a DBA add the login to the role acm_loader" in permissions().text


def test_a_second_runner_that_moved_progress_is_a_conflict(engine):
    publish_large_batch(engine)
    with pytest.raises(ConflictError):
        publish.publish_batch(engine, make_large_batch(watermark_update=publish.WatermarkUpdate(at(7), at(8))))
