"""Errors that a person can act on. The command line prints their message alone, without a traceback.

TrainerError
├── DatasetError        (sources.py)    the data is not there or not as described
├── BundleRefused       (bundle.py)     the folder is not a bundle that may be served
├── RegistryUnreachable (registry.py)   MLflow does not answer
├── PromotionRefused    (promotion.py)  the version cannot become champion
├── ApiUnreachable      (api.py)        the inference API does not answer
├── ApiRefused          (api.py)        the inference API will not do it
└── ScoringRefused      (scoring.py)    the file cannot be scored, or its answer not be written
"""


class TrainerError(Exception):
    """Base of them all."""
