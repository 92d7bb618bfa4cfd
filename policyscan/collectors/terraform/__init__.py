"""Terraform: roots, modules, expressions, and the resources they declare."""
