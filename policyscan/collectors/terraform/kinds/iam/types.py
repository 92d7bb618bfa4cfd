"""The resource types that hold policies, attach them, or tell who holds them."""

from __future__ import annotations

POLICIES = ("aws_iam_policy",)
IDENTITY = {"role": "aws_iam_role", "user": "aws_iam_user", "group": "aws_iam_group"}
ATTACHMENTS = {
    "aws_iam_role_policy_attachment": ("policy_arn", ("role",)),
    "aws_iam_user_policy_attachment": ("policy_arn", ("user",)),
    "aws_iam_group_policy_attachment": ("policy_arn", ("group",)),
    "aws_iam_policy_attachment": ("policy_arn", ("roles", "users", "groups")),
    "aws_iam_role_policy_attachments_exclusive": ("policy_arns", ("role_name",)),
    "aws_iam_user_policy_attachments_exclusive": ("policy_arns", ("user_name",)),
    "aws_iam_group_policy_attachments_exclusive": ("policy_arns", ("group_name",)),
    "aws_ssoadmin_managed_policy_attachment": ("managed_policy_arn", ("permission_set_arn",)),
}
"""By type, the argument that names the policies and those that name the holders."""

SSO_BY_NAME = "aws_ssoadmin_customer_managed_policy_attachment"

INLINE = {
    "aws_iam_role_policy": ("policy", "role", "aws_iam_role"),
    "aws_iam_user_policy": ("policy", "user", "aws_iam_user"),
    "aws_iam_group_policy": ("policy", "group", "aws_iam_group"),
    "aws_ssoadmin_permission_set_inline_policy": ("inline_policy", "permission_set_arn", ""),
}
"""By type, the arguments with the document and with its holder, and the type of the holder."""

RESOURCE = {
    "aws_secretsmanager_secret_policy": ("secret_arn", "secretsmanager"),
    "aws_secretsmanager_secret": ("", "secretsmanager"),
    "aws_kms_key_policy": ("key_id", "kms"),
    "aws_kms_key": ("", "kms"),
    "aws_kms_external_key": ("", "kms"),
    "aws_kms_replica_key": ("", "kms"),
}
"""By type, the argument with what the policy is attached to, or empty if it is the block itself,
and the service."""

SECRETS = "aws_secretsmanager_secret"
ROLE = "aws_iam_role"
