"""Expected readings: what each tag should read, given all other tags at the same time."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

from acm_etl.score.array_ops import select_rows
from acm_etl.score.arrays import Bools, Floats
from acm_etl.score.model import Model
from acm_etl.score.prepare.clean import TIME, clean_readings, to_matrix, usable_row_mask
from acm_etl.score.prepare.fill import impute_missing
from acm_etl.score.prepare.operating_state import OFF


def compute_expected_readings(frame: pl.DataFrame, model: Model, *, distrusted: Collection[str] = ()) -> pl.DataFrame:
    """Return the reading of each tag that its model expects from the other tags at the same time.

    Args:
        frame: ``Timestamp`` (naive UTC, strictly increasing) and the tags of the model.
        model: Model of the machine.
        distrusted: Tags that say nothing about the others, e.g. because they are the ones that deviate: else a tag that
            is as always would be expected to follow them.

    Returns:
        ``Timestamp`` and one Float64 column per scored tag, in its unit; null while the machine is off, and in rows
        with too few readings.
    """
    readings, _ = clean_readings(frame, model.tags, model.params.max_abs)
    X = to_matrix(readings, model.tags)
    codes, *_ = model.state_classifier.classify_rows(X, usable_row_mask(X, model.params), {})
    running = codes > OFF
    deviations = model.scaler.transform(select_rows(X, running), model.params.clip_z)
    complete = impute_missing(deviations, model.imputation_mean, model.imputation_precision)
    trusted = np.array([tag not in distrusted for tag in model.tags])
    expected = np.full(X.shape, np.nan)
    expected[running] = _predict_from_others(complete, model, trusted)
    expected = expected * model.scaler.scale_ + model.scaler.centre_
    columns = {tag: pl.Series(column).fill_nan(None) for tag, column in zip(model.tags, expected.T, strict=True)}
    return readings.select(TIME).with_columns(**columns)


def _predict_from_others(Z: Floats, model: Model, trusted: Bools) -> Floats:
    """Predict the deviation of each tag from the other trusted tags; n rows by d tags.

    The expectation of tag i given the others is ``x_i - (P (x - mean))_i / P_ii`` with the precision matrix P
    (Lauritzen 1996, 5.1.3), as in the detector ``omr_z``. The reading of the tag itself cancels out.
    """
    mean, precision = model.imputation_mean, model.imputation_precision
    predicted = Z - (Z - mean) @ precision / np.diag(precision)
    if trusted.all():
        return predicted
    # Among fewer tags the precision is the inverse of their part of the covariance.
    part = np.linalg.inv(np.linalg.inv(precision)[np.ix_(trusted, trusted)])
    predicted[:, trusted] = Z[:, trusted] - (Z - mean)[:, trusted] @ part / np.diag(part)
    return predicted
