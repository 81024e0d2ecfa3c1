"""The supervisor process; `presslake.services.control` starts it with its settings in the environment."""

from __future__ import annotations

import sys

from presslake.services.environment import with_secrets
from presslake.services.state import locked
from presslake.services.supervisor import supervise
from schemas.errors import PresslakeError
from schemas.settings import Settings


def main() -> None:
    """Run the services named as arguments (none: all). Exit code 1 when one could not be kept alive."""
    settings = with_secrets(Settings())
    try:
        with locked(settings.state_dir):
            supervise(settings, sys.argv[1:])
    except PresslakeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
