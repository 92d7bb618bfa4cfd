"""Which resource types each kind is made of, and the mapper that makes it, imported when a root has
one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from policyscan.collectors.terraform.declared import Declared
    from policyscan.resources.base import Resource

    Make = Callable[[Declared], Iterator[Resource]]


class Mapper(Struct, frozen=True):
    """From the instances of some types to resources of one kind."""

    module: str
    """Of this package."""
    function: str
    types: tuple[str, ...]
    also: tuple[str, ...] = ()
    """Types of other kinds that may be one of this kind as well."""

    def load(self) -> Make:
        """The function that makes the resources."""
        module = import_module(f"policyscan.collectors.terraform.kinds.{self.module}")
        make: Make = getattr(module, self.function)
        return make


MAPPERS: Mapping[str, Mapper] = {
    "SecurityGroup": Mapper(
        "network.security_groups",
        "security_groups",
        (
            "aws_security_group",
            "aws_default_security_group",
            "aws_security_group_rule",
            "aws_vpc_security_group_ingress_rule",
            "aws_vpc_security_group_egress_rule",
        ),
    ),
    "Secret": Mapper(
        "keys.secrets",
        "secrets",
        (
            "aws_secretsmanager_secret",
            "aws_secretsmanager_secret_rotation",
            "aws_secretsmanager_secret_version",
            "aws_ssm_parameter",
        ),
    ),
    "Trail": Mapper(
        "monitoring",
        "trails",
        ("aws_cloudtrail",),
    ),
    "Detector": Mapper(
        "monitoring",
        "detectors",
        (
            "aws_guardduty_detector",
            "aws_config_configuration_recorder",
            "aws_config_configuration_recorder_status",
        ),
    ),
    "LogGroup": Mapper(
        "monitoring",
        "log_groups",
        ("aws_cloudwatch_log_group",),
    ),
    "TlsServerConfig": Mapper(
        "network.listeners",
        "listeners",
        (
            "aws_lb_listener",
            "aws_alb_listener",
            "aws_elb",
        ),
    ),
    "Workload": Mapper(
        "workloads.mapper",
        "workloads",
        (
            "aws_instance",
            "aws_spot_instance_request",
            "aws_launch_template",
            "aws_launch_configuration",
            "aws_autoscaling_group",
            "aws_iam_instance_profile",
            "aws_ecs_task_definition",
            "aws_ecs_service",
            "aws_lambda_function",
        ),
    ),
    "IamStatement": Mapper(
        "iam.mapper",
        "statements",
        (
            "aws_iam_role",
            "aws_iam_policy",
            "aws_iam_role_policy_attachment",
            "aws_iam_user_policy_attachment",
            "aws_iam_group_policy_attachment",
            "aws_iam_policy_attachment",
            "aws_iam_role_policy_attachments_exclusive",
            "aws_iam_user_policy_attachments_exclusive",
            "aws_iam_group_policy_attachments_exclusive",
            "aws_ssoadmin_managed_policy_attachment",
            "aws_ssoadmin_customer_managed_policy_attachment",
            "aws_iam_role_policy",
            "aws_iam_user_policy",
            "aws_iam_group_policy",
            "aws_ssoadmin_permission_set_inline_policy",
            "aws_secretsmanager_secret_policy",
            "aws_kms_key_policy",
            "aws_kms_key",
            "aws_kms_external_key",
            "aws_kms_replica_key",
        ),
        also=("aws_secretsmanager_secret",),
    ),
    "IamAccessKey": Mapper(
        "iam.mapper",
        "access_keys",
        ("aws_iam_access_key",),
    ),
    "RotationProcess": Mapper(
        "rotation.mapper",
        "rotation_processes",
        (
            "aws_cloudwatch_event_rule",
            "aws_scheduler_schedule",
        ),
        also=("aws_lambda_function",),
    ),
    "Vpc": Mapper(
        "network.vpcs",
        "vpcs",
        (
            "aws_vpc",
            "aws_default_vpc",
        ),
    ),
    "Subnet": Mapper(
        "network.vpcs",
        "subnets",
        (
            "aws_subnet",
            "aws_default_subnet",
        ),
    ),
    "NatGateway": Mapper(
        "network.nat_gateways",
        "nat_gateways",
        ("aws_nat_gateway",),
    ),
}
"""By kind."""

COMPANIONS = frozenset(
    {
        "aws_alb",
        "aws_alb_listener_rule",
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_metric_alarm",
        "aws_default_route_table",
        "aws_ec2_managed_prefix_list",
        "aws_ec2_managed_prefix_list_entry",
        "aws_eip",
        "aws_eip_association",
        "aws_iam_group",
        "aws_iam_group_policies_exclusive",
        "aws_iam_openid_connect_provider",
        "aws_iam_role_policies_exclusive",
        "aws_iam_saml_provider",
        "aws_iam_user",
        "aws_iam_user_policies_exclusive",
        "aws_lambda_function_event_invoke_config",
        "aws_lb",
        "aws_lb_listener_rule",
        "aws_main_route_table_association",
        "aws_network_interface",
        "aws_network_interface_sg_attachment",
        "aws_route",
        "aws_route_table",
        "aws_route_table_association",
        "aws_scheduler_schedule",
        "aws_ssoadmin_permission_set",
        "aws_vpn_gateway_route_propagation",
    }
)
"""Types that are read for what they say of resources of a kind."""
