"""A real MLflow server and bundles to register with it, as the tests of the service have them."""

from tests.inference.conftest import make_bundle as make_bundle
from tests.inference.conftest import mlflow_server as mlflow_server
from tests.inference.conftest import registered_model as registered_model
