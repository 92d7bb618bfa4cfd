"""How fast policyscan is beside other scanners: whole processes, on the same trees, in one run."""
