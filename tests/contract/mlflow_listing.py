"""Every route of MLflow with sign-in on, as it says itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parent / "mlflow_routes.py"


def list_routes(folder: Path) -> list[tuple[str, str]]:
    config = folder / "basic_auth.ini"
    config.write_text(f"[mlflow]\ndefault_permission = NO_PERMISSIONS\ndatabase_uri = sqlite:///{folder / 'auth.db'}\n")
    variables = {
        "MLFLOW_AUTH_CONFIG_PATH": str(config),
        "MLFLOW_AUTH_ADMIN_USERNAME": "admin",
        "MLFLOW_AUTH_ADMIN_PASSWORD": "long enough for MLflow",
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "k" * 32,
        "_MLFLOW_SGI_NAME": "uvicorn",
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
    }
    command, given = [sys.executable, str(PROGRAM)], os.environ | variables
    done = subprocess.run(command, env=given, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    routes = [(method, path) for method, path in json.loads(done.stdout)]
    # Fewer, and they have not all been found.
    assert len(routes) > 900
    return routes
