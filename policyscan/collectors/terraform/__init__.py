"""Terraform: roots, modules, expressions, and the resources they declare."""

from policyscan.collectors.terraform.collector import TerraformCollector

__all__ = ["TerraformCollector"]
