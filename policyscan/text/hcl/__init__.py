"""HCL: text to a syntax tree in which every node knows its exact span."""

from policyscan.text.hcl.reader import read_hcl, read_hcl_json

__all__ = ["read_hcl", "read_hcl_json"]
