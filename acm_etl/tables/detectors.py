"""Detectors: their names, which V8 gave them, and what tables and dashboards say about them."""

from __future__ import annotations

from typing import NamedTuple


class DetectorTexts(NamedTuple):
    """Texts about a detector.

    Attributes:
        method: Method in a few words, for the column of its z.
        short_name: Display name.
        explanation: What it measures.
        operator_hint: What an operator does when its score is high.
    """

    method: str
    short_name: str
    explanation: str
    operator_hint: str


# In the order of the columns of ACM_Scores_Wide and of the charts.
DETECTORS = {
    "ar1_z": DetectorTexts(
        "one-step (AR1) residuals, smoothed",
        "AR1",
        "Mean one-step residual of every tag against its own past: a tag moves in a way not seen in training",
        "Check the tag with the largest share; sensor faults appear here first",
    ),
    "pca_spe_z": DetectorTexts(
        "squared prediction error outside the principal components (Q statistic)",
        "PCA SPE",
        "Squared distance to the plane of the principal components: tags no longer move together as in training",
        "A relation between tags has changed: check the tags with the largest contributions",
    ),
    "pca_t2_z": DetectorTexts(
        "Hotelling's T2 inside the principal components",
        "PCA T2",
        "Hotelling's T2 within the principal components: the machine is far from its usual operating points",
        "Often an unusual load: compare with the operating regime",
    ),
    "mhal_z": DetectorTexts(
        "Mahalanobis distance",
        "Mahalanobis",
        "Distance of the reading from the training mean, scaled by the covariance of the tags",
        "The reading as a whole is unusual: check the sensors with the largest deviation",
    ),
    "iforest_z": DetectorTexts(
        "isolation forest",
        "Isolation forest",
        "How easily random splits isolate the reading and its recent course from the training data",
        "An unusual combination of level, spread and trend",
    ),
    "gmm_z": DetectorTexts(
        "Gaussian mixture, negative log-likelihood",
        "Gaussian mixture",
        "Negative log-likelihood under the mixture of operating points seen in training",
        "No known operating point is near: a new operating mode, or a fault during a change of mode",
    ),
    "omr_z": DetectorTexts(
        "leave-one-out residuals (each tag predicted from the others), smoothed",
        "OMR",
        "Part of each tag that the other tags do not predict, averaged over recent readings",
        "Check the tag with the largest share, and its sensor",
    ),
    "mewma_z": DetectorTexts(
        "multivariate EWMA",
        "MEWMA",
        "Multivariate moving average of the deviations: a sustained offset, however small",
        "A sustained shift: find its start in the drift of the sensors",
    ),
}
"""Texts by name of the detector, in the order in which detectors are stored; each score is a normal-equivalent z."""
