"""What a reference means: which resource, as far as its address and attribute tell.

`aws_vpc.main.id`, `.arn` and `.name` mean the VPC that is declared there. `aws_subnet.a.vpc_id`
means another resource, perhaps the same VPC. What only accompanies another resource has the id or
ARN of that: the `arn` of an `aws_secretsmanager_secret_version` is the ARN of the secret, the `id`
of an `aws_s3_bucket_policy` the name of the bucket. So two references certainly mean different
things only if both are of types that stand for themselves.
"""

from __future__ import annotations

import re

from policyscan.values import Ref

_NAMES = frozenset({"", "id", "arn", "name", "unique_id"})
"""Attributes that name the resource itself; the empty one is all of it."""
_MADE_UP = frozenset(
    """
    aws_vpc aws_default_vpc aws_subnet aws_default_subnet aws_security_group
    aws_default_security_group aws_network_acl aws_route_table aws_internet_gateway
    aws_egress_only_internet_gateway aws_nat_gateway aws_eip aws_vpc_endpoint
    aws_vpc_peering_connection aws_ec2_transit_gateway aws_ec2_managed_prefix_list
    aws_network_interface aws_vpn_gateway aws_customer_gateway aws_vpn_connection aws_flow_log
    aws_instance aws_launch_template aws_ebs_volume aws_efs_file_system
    aws_kms_key aws_kms_external_key
    """.split()
)
"""Types of which each resource declares a thing of its own, with an id that AWS makes up."""
_OWN = _MADE_UP | frozenset(
    """
    aws_lb aws_alb aws_elb aws_lb_target_group aws_alb_target_group aws_lb_listener
    aws_alb_listener
    aws_iam_role aws_iam_user aws_iam_group aws_iam_policy aws_iam_instance_profile
    aws_iam_service_linked_role aws_iam_openid_connect_provider aws_iam_saml_provider
    aws_secretsmanager_secret aws_ssm_parameter
    aws_cloudwatch_log_group aws_cloudtrail aws_guardduty_detector aws_cloudwatch_metric_alarm
    aws_cloudwatch_event_bus aws_cloudwatch_event_rule aws_sns_topic aws_sqs_queue aws_s3_bucket
    aws_kinesis_stream aws_kinesis_firehose_delivery_stream
    aws_launch_configuration aws_autoscaling_group
    aws_ecs_cluster aws_ecs_service aws_ecs_task_definition aws_eks_cluster aws_ecr_repository
    aws_lambda_function aws_sfn_state_machine aws_scheduler_schedule aws_codebuild_project
    aws_db_instance aws_rds_cluster aws_dynamodb_table aws_elasticache_cluster
    aws_elasticache_replication_group
    aws_cloudfront_distribution aws_acm_certificate aws_route53_zone aws_api_gateway_rest_api
    aws_apigatewayv2_api aws_wafv2_web_acl
    """.split()
)
"""Types of which each resource declares a thing of its own, with an ARN of its own."""
_DEFAULT = "aws_default_"
"""Begins the types that take over what an account has already: two may be one thing."""
_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]')


def type_of(address: str) -> str:
    """The type of a resource or data source; empty if the address is of neither."""
    parts = _INDEX.sub("", address).split(".")
    return parts[-2] if len(parts) > 1 and parts[-2] != "module" else ""


def is_itself(ref: Ref) -> bool:
    """Whether the attribute names the very resource that is referred to, if it has its own name:
    `id`, or `vpc_id` of a VPC."""
    if ref.attribute in _NAMES:
        return True
    stem = ref.attribute.removesuffix("_id").removesuffix("_arn")
    return stem != ref.attribute and type_of(ref.address).endswith(f"_{stem}")


def stands_for_itself(ref: Ref) -> bool:
    """Whether it certainly means the resource at its address, and no other means that one."""
    return ref.certain and _is_own(ref)


def same_target(a: Ref, b: Ref, one_root: bool | None = True) -> bool | None:
    """Whether two references mean the same resource; None if that cannot be told. `one_root` says
    whether they were read in one root, None if that is not known: an address means another thing
    in each."""
    if a.address == b.address and one_root is not False:
        alike = a.attribute == b.attribute or (_is_own(a) and _is_own(b))
        return True if alike and one_root and "[?]" not in a.address else None
    if not stands_for_itself(a) or not stands_for_itself(b):
        return None
    return None if _may_be_one(a.address, b.address) else False


def same_text(a: Ref, b: Ref) -> bool | None:
    """Whether two references of one root are the same text: ids that a person chose may be, such as
    the names of two roles in two accounts; ARNs of different things never are."""
    if a.address == b.address and a.attribute == b.attribute:
        return same_target(a, b)
    made_up = a.attribute != "name" and {type_of(a.address), type_of(b.address)} <= _MADE_UP
    told = a.attribute == b.attribute and (a.attribute == "arn" or made_up)
    return False if told and same_target(a, b) is False else None


def means(ref: Ref, address: str, one_root: bool | None = True) -> bool | None:
    """Whether a reference means the resource that is declared at an address, as `same_target`."""
    if not ref.certain or "[?]" in address:
        return None
    if ref.address == address and one_root is not False:
        return True if one_root and is_itself(ref) else None
    return None if not _is_own(ref) or _may_be_one(ref.address, address) else False


def _is_own(ref: Ref) -> bool:
    return type_of(ref.address) in _OWN and is_itself(ref)


def _may_be_one(a: str, b: str) -> bool:
    return type_of(a) == type_of(b) and type_of(a).startswith(_DEFAULT)
