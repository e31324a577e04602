"""Makes MLflow's two accounts, or gives them today's passwords and permissions. Nothing where nobody signs in.

trainer writes experiments, runs and versions; inference reads the model, moves its aliases, and has no way to a run.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow.server.auth.client import AuthServiceClient

SECRETS = Path(os.environ.get("MLFLOW_SECRETS_DIR") or "/run/secrets")
ADMIN = "admin"
SHORTEST_PASSWORD = 12
Grants = tuple[tuple[str, str, str], ...]


def grants_of(model: str) -> dict[str, Grants]:
    """EDIT is the least that lets an alias be moved. DENY also takes what everybody has: to make an experiment."""
    return {
        "trainer": (("experiment", "*", "EDIT"), ("registered_model", model, "EDIT")),
        "inference": (("experiment", "*", "DENY"), ("registered_model", model, "EDIT")),
    }


def password_of(account: str) -> str:
    secret = SECRETS / f"mlflow-{account}"
    password = secret.read_text(encoding="utf-8").removesuffix("\n") if secret.is_file() else ""
    if len(password) < SHORTEST_PASSWORD:
        sys.exit(f"error: MLFLOW_SIGN_IN=true needs the secret {secret.name}, of twelve characters or more")
    return password


def set_account(server: "AuthServiceClient", account: str, password: str) -> None:
    if not is_new(lambda: server.create_user(account, password)):
        server.update_user_password(account, password)


def set_grant(server: "AuthServiceClient", account: str, kind: str, name: str, permission: str) -> None:
    if server.get_user_permission(account, kind, name).permission == permission:
        return
    if not is_new(lambda: server.grant_user_permission(account, kind, name, permission)):
        server.revoke_user_permission(account, kind, name)
        server.grant_user_permission(account, kind, name, permission)


def is_new(make: Callable[[], object]) -> bool:
    """Whether there was none before."""
    from mlflow.exceptions import MlflowException

    try:
        make()
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
        return False
    return True


def set_all(url: str, model: str, passwords: dict[str, str]) -> None:
    # Seconds to import, so only where somebody signs in.
    from mlflow import MlflowClient
    from mlflow.server.auth.client import AuthServiceClient

    # First, because a permission needs something to be for.
    is_new(lambda: MlflowClient(url, url).create_registered_model(model))
    server = AuthServiceClient(url)
    for account, grants in grants_of(model).items():
        set_account(server, account, passwords[account])
        for kind, name, permission in grants:
            set_grant(server, account, kind, name, permission)


def main() -> None:
    if os.environ.get("MLFLOW_SIGN_IN") != "true":
        return
    model = os.environ.get("MLFLOW_MODEL") or "tweet-sentiment"
    url = os.environ.get("MLFLOW_TRACKING_URI") or "http://mlflow:5000"
    passwords = {account: password_of(account) for account in (ADMIN, *grants_of(model))}
    os.environ.update(MLFLOW_TRACKING_USERNAME=ADMIN, MLFLOW_TRACKING_PASSWORD=passwords[ADMIN])
    try:
        set_all(url, model, passwords)
    except Exception as error:
        # MLflow's own words, which hold no password, and none of the places in its code.
        sys.exit(f"error: MLflow's accounts are not set: {str(error).splitlines()[0]}")


if __name__ == "__main__":
    main()
