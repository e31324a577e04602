"""Which tests are left to `make test-all`: each of these takes ten seconds and more on two cores."""

from pathlib import Path

TESTS = Path(__file__).parent

SLOW = (
    # A real Chromium.
    "browser",
    # Two services at once, and all that Azure's rule would have seen of them.
    "azure/test_alert_end_to_end.py",
    # The whole system started and stopped, MLflow's server promoted to and taken away.
    "contract/test_lint.py",
    "contract/test_mlflow_blob.py",
    "contract/test_mlflow_blob_identity.py",
    "contract/test_mlflow_server.py",
    "contract/test_mlflow_server_followed.py",
    "contract/test_mlflow_server_shut.py",
    "contract/test_mlflow_server_sign_in.py",
    "contract/test_spark.py",
    "contract/test_ui_client.py",
    "inference/test_challenger.py",
    "inference/test_cpu_service.py",
    "inference/test_sqlite_copy.py",
    "inference/test_sqlite_restore.py",
    "deploy/test_real_service.py",
    "inference/test_model_change.py",
    "inference/test_promotion_faults.py",
    "inference/test_promotions.py",
    "inference/test_reconciliation.py",
    "inference/test_shadows.py",
    "inference/test_telemetry_processes.py",
    "outage",
    "run",
    "trainer/test_promotion_commands.py",
    # Loads, and how quickly they are answered.
    "bench/test_blackhole.py",
    "bench/test_free_plan.py",
    "bench/test_open_loop.py",
    "bench/test_peers.py",
    "corpus/test_cost.py",
    "fuzz",
    "inference/test_erasure_canary.py",
    "inference/test_protocol.py",
    # Models are fitted.
    "bench/test_drift_replay.py",
    "model",
    "trainer/test_bert.py",
    "trainer/test_candidate.py",
    "trainer/test_commands.py",
    "trainer/test_continuing.py",
    "trainer/test_dataset_published.py",
    "trainer/test_drift_look.py",
    "trainer/test_drift_null.py",
    "trainer/test_recurrent.py",
    "trainer/test_retraining.py",
    "trainer/test_retraining_policy.py",
    "trainer/test_retraining_published.py",
    # Ray is started, and parts of it are killed.
    "trainer/test_scoring_ray.py",
    "trainer/test_study_ray.py",
)


def is_slow(path: Path) -> bool:
    return any((TESTS / each) in (path, *path.parents) for each in SLOW)
