"""What is typed: the `presslake` command, the steps behind it, the services and the demo newsroom."""
