"""What a condition looks at, found without running it."""
