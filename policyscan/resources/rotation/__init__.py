"""Programs that rotate keys, and whether anybody hears when they fail."""
