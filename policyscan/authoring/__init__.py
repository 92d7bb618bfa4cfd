"""What people who write policies use: how a policy is found, tested, checked, begun and shown."""
