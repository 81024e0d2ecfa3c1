"""What is typed: the `presslake` command, the steps behind it, the services and the demo newsroom."""

import os

# Arrow reads this once, when it is loaded. The allocator it would take keeps what each of its threads has ever used:
# the plan of 2,500 outlets held 100 MB more.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")

# A shell that names a proxy for the world must not send us there for our own servers, nor boto3, nor Airflow's parts.
_OWN = ("127.0.0.1", "localhost")
_direct = [
    host for host in (os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "").split(",") if host
]
for _name in ("no_proxy", "NO_PROXY"):
    os.environ[_name] = ",".join([*_direct, *(host for host in _OWN if host not in _direct)])
