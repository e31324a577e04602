"""What ends a deployment. All carry a sentence for whoever reads the log."""


class DeployError(Exception):
    """Something is not as it must be; its text says what, and what to do."""


class NotTaken(DeployError):
    """Azure has refused a call, so that it has changed nothing."""


class Interrupted(BaseException):
    """Somebody, or the workflow, has asked us to stop. No error: nothing that catches errors may swallow it."""
