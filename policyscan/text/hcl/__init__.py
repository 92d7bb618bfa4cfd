"""HCL: text to a syntax tree in which every node knows its exact span."""

from policyscan.text.hcl.fragment import read_template
from policyscan.text.hcl.json import read_hcl_json
from policyscan.text.hcl.reader import read_hcl

__all__ = ["read_hcl", "read_hcl_json", "read_template"]
