"""What is typed: the `presslake` command, the steps behind it, the services and the demo newsroom."""

import os

# Arrow reads this once, when it is loaded. The allocator it would take keeps what each of its threads has ever used:
# the plan of 2,500 outlets held 100 MB more.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
