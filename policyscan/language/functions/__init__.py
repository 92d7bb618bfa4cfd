"""What policies may call."""
