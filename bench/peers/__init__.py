"""What is measured side by side: each a process of its own, on a port of its own, on the servers' core."""
