"""How Python programs configure logging, in code and in files."""
