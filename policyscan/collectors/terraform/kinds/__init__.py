"""From Terraform types to kinds: `table` names the mapper of each, every domain has a folder."""
