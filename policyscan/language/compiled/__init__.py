"""The fast tier: checked trees as Python code, for values that are wholly known."""
