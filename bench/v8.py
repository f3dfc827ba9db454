"""How the predecessor does it, and what else a user would reach for. Only for comparison."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
from sklearn.covariance import LedoitWolf
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import Ridge
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

from acm_etl.schema import Table

CHUNK = 5_000
SEED = 17
Matrix = npt.NDArray[np.float64]


def executemany(path: Path, table: Table, frame: pl.DataFrame) -> float:
    """Seconds to insert rows as V8 writes: INSERT ... VALUES by executemany, 5,000 at a time."""
    columns = ", ".join(f'"{name}"' for name in frame.columns)
    sql = f'INSERT INTO "{table.name}" ({columns}) VALUES ({", ".join("?" * frame.width)})'
    with duckdb.connect(str(path)) as connection:
        begun = time.perf_counter()
        connection.execute("BEGIN")
        for chunk in frame.iter_slices(CHUNK):
            connection.executemany(sql, chunk.rows())
        connection.execute("COMMIT")
        return time.perf_counter() - begun


def to_sql(path: Path, table: Table, frame: pl.DataFrame) -> float:
    """Seconds of ``pandas.to_sql`` over ADBC, its quickest way into DuckDB; pandas' own frame is there already."""
    from adbc_driver_duckdb import dbapi  # noqa: PLC0415 - comes with duckdb, works with adbc-driver-manager

    data = frame.to_pandas()
    with dbapi.connect(str(path)) as connection:
        begun = time.perf_counter()
        data.to_sql(table.name, connection, if_exists="append", index=False)
        connection.commit()
        return time.perf_counter() - begun


class Heads:
    """V8's detectors as plain calls of scikit-learn on a matrix of features, fitted on its first rows.

    Args:
        X: Rows to fit on.
    """

    def __init__(self, X: Matrix) -> None:
        self._scaler = StandardScaler().fit(X)
        Z = self._scaler.transform(X)
        self._pca = PCA(5, random_state=SEED).fit(Z)
        self._distance = LedoitWolf().fit(X)
        self._forest = IsolationForest(n_estimators=100, random_state=SEED).fit(X)
        self._mixture = GaussianMixture(3, reg_covar=1e-3, random_state=SEED).fit(Z)
        self._ridge = Ridge(1.0).fit(Z, Z)
        self._phi = (Z[1:] * Z[:-1]).sum(axis=0) / (Z[:-1] ** 2).sum(axis=0)
        self._sd = (Z[1:] - self._phi * Z[:-1]).std(axis=0)

    def by_name(self) -> dict[str, Callable[[Matrix], Matrix]]:
        """What scores a matrix, by the name of our head."""
        return {
            "ar1_z": self._ar1,
            "pca_spe_z": self._spe,
            "pca_t2_z": self._t2,
            "mhal_z": self._distance.mahalanobis,
            "iforest_z": lambda X: -self._forest.score_samples(X),
            "gmm_z": lambda X: -self._mixture.score_samples(self._scaler.transform(X)),
            "omr_z": self._omr,
            "mewma_z": self._mewma,
        }

    def _ar1(self, X: Matrix) -> Matrix:
        Z = self._scaler.transform(X)
        steps = np.abs(Z[1:] - self._phi * Z[:-1]) / self._sd
        result: Matrix = np.append(0.0, steps.mean(axis=1))
        return result

    def _spe(self, X: Matrix) -> Matrix:
        Z = self._scaler.transform(X)
        rest = Z - self._pca.inverse_transform(self._pca.transform(Z))
        result: Matrix = (rest**2).sum(axis=1)
        return result

    def _t2(self, X: Matrix) -> Matrix:
        t = self._pca.transform(self._scaler.transform(X))
        result: Matrix = (t**2 / self._pca.explained_variance_).sum(axis=1)
        return result

    def _omr(self, X: Matrix) -> Matrix:
        Z = self._scaler.transform(X)
        result: Matrix = np.linalg.norm(Z - self._ridge.predict(Z), axis=1)
        return result

    def _mewma(self, X: Matrix) -> Matrix:
        """V8 has no MEWMA; pandas has the exponential mean."""
        smooth = pd.DataFrame(X).ewm(alpha=0.2).mean().to_numpy()
        result: Matrix = self._distance.mahalanobis(smooth)
        return result
