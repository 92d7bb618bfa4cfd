"""From Terraform resource types to kinds, one domain per module."""
