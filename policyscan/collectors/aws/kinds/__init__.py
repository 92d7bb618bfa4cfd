"""From answers to resources, one domain to a module: pure, each `read_...(unit)` gives items."""
