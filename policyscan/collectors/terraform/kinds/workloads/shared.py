"""What the mappers of workloads share: the links of one root."""

from __future__ import annotations

from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.kinds.links import Links
from policyscan.collectors.terraform.kinds.workloads.instance_profiles import Profiles
from policyscan.collectors.terraform.kinds.workloads.network_interfaces import Interfaces
from policyscan.collectors.terraform.kinds.workloads.secret_links import SecretLinks
from policyscan.collectors.terraform.kinds.workloads.start_scripts import Scripts


class Context:
    """The links of one root, each kind of them worked out once."""

    def __init__(self, declared: Declared) -> None:
        self.declared = declared
        self.links = Links(declared)
        self.secrets = SecretLinks(self.links)
        self.scripts = Scripts(self.links, self.secrets)
        self.profiles = Profiles(self.links)
        self.interfaces = Interfaces(self.links)
