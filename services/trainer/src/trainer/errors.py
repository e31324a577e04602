"""Errors that a person can act on. The command line prints their message alone, without a traceback.

TrainerError
├── DatasetError        (sources.py)    the data is not there or not as described
├── BundleRefused       (bundle.py)     the folder is not a bundle that may be served
├── RegistryUnreachable (registry.py)   MLflow does not answer
├── NoSuchVersion       (promotion.py)  the registry has no such version or alias
├── UnknownPerson       (poisoning.py)  --trust or --without names nobody
├── RetrainRefused      (retraining_runs.py) nothing to learn from, or nothing that may be learned from
├── ApiUnreachable      (api.py)        the inference API does not answer
├── ApiRefused          (api.py)        the inference API will not do it
├── ReferenceRefused    (drift_reference.py) nothing to compare live traffic with
├── ClusterUnreachable  (ray_cluster.py) there is no Ray to hand work to
├── WorkerFailed        (scoring_ray.py) one of Ray's workers could not do its work
└── ScoringRefused      (scoring.py)    the file cannot be scored, or its answer not be written
"""


class TrainerError(Exception):
    """Base of them all."""
