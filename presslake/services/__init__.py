"""The servers Presslake needs on one machine, started and watched together."""

from presslake.services.control import down, running, status, up, watch
from presslake.services.environment import with_secrets
from presslake.services.state import ServiceStatus

__all__ = ["ServiceStatus", "down", "running", "status", "up", "watch", "with_secrets"]
