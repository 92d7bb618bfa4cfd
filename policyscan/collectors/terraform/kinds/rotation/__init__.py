"""What rotates keys, and whether anybody hears when it fails."""
