"""An operator's command of the API on this machine, with the variables of `make run`.

scripts/operate.py test-alert
scripts/operate.py erase SUBJECT
"""

import os
import sys

from local_services import BIN, ROOT, CannotRun, environment_of, services, variables


def main() -> int:
    try:
        given = variables()
        environment = environment_of(services(given), given)
    except CannotRun as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    os.chdir(ROOT)
    os.execve(f"{BIN}/python", ["python", "-m", "inference", *sys.argv[1:]], environment)


if __name__ == "__main__":
    sys.exit(main())
