"""Trails, detectors and recorders, in both spellings."""

from __future__ import annotations

from typing import Any

from tests.equivalence.live import Built, Estate
from tests.moto_account import ACCOUNT, Account

KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def _trail(account: Account, name: str, *, logging: bool = True, **more: Any) -> str:
    trails = account.client("cloudtrail")
    arn = trails.create_trail(Name=name, S3BucketName="the-trail", **more)["TrailARN"]
    if logging:
        trails.start_logging(Name=name)
    return str(arn)


def _bucket(account: Account) -> None:
    place = {"LocationConstraint": "eu-west-1"}
    account.client("s3").create_bucket(Bucket="the-trail", CreateBucketConfiguration=place)


def _complete(account: Account) -> Built:
    _bucket(account)
    return {
        "aws_cloudtrail.complete": _trail(
            account,
            "complete",
            IsMultiRegionTrail=True,
            EnableLogFileValidation=True,
            KmsKeyId=KEY,
        ),
        "aws_cloudtrail.stopped": _trail(account, "stopped", logging=False),
    }


COMPLETE = Estate(
    name="a complete trail beside one that is stopped",
    terraform=f"""
        resource "aws_cloudtrail" "complete" {{
          name                       = "complete"
          s3_bucket_name             = "the-trail"
          is_multi_region_trail      = true
          enable_log_file_validation = true
          kms_key_id                 = "{KEY}"
        }}
        resource "aws_cloudtrail" "stopped" {{
          name           = "stopped"
          s3_bucket_name = "the-trail"
          enable_logging = false
        }}
    """,
    build=_complete,
    kinds=("Trail",),
    regions=("eu-west-1", "us-east-1"),
    verdicts={"PS-MON-001": {"aws_cloudtrail.complete": "pass", "aws_cloudtrail.stopped": "pass"}},
)


def _selectors(account: Account) -> Built:
    _bucket(account)
    trails = account.client("cloudtrail")
    found = {
        f"aws_cloudtrail.{name}": _trail(account, name)
        for name in ("reads", "halves", "none", "advanced")
    }

    def basic(word: str, *, included: bool = True) -> dict[str, Any]:
        return {"ReadWriteType": word, "IncludeManagementEvents": included, "DataResources": []}

    trails.put_event_selectors(TrailName="reads", EventSelectors=[basic("ReadOnly")])
    trails.put_event_selectors(
        TrailName="halves", EventSelectors=[basic("ReadOnly"), basic("WriteOnly")]
    )
    trails.put_event_selectors(TrailName="none", EventSelectors=[basic("All", included=False)])
    trails.put_event_selectors(
        TrailName="advanced",
        AdvancedEventSelectors=[
            {
                "Name": "writes",
                "FieldSelectors": [
                    {"Field": "eventCategory", "Equals": ["Management"]},
                    {"Field": "readOnly", "Equals": ["false"]},
                ],
            }
        ],
    )
    return found


SELECTORS = Estate(
    name="which management events trails keep",
    terraform="""
        resource "aws_cloudtrail" "reads" {
          name           = "reads"
          s3_bucket_name = "the-trail"
          event_selector { read_write_type = "ReadOnly" }
        }
        resource "aws_cloudtrail" "halves" {
          name           = "halves"
          s3_bucket_name = "the-trail"
          event_selector { read_write_type = "ReadOnly" }
          event_selector { read_write_type = "WriteOnly" }
        }
        resource "aws_cloudtrail" "none" {
          name           = "none"
          s3_bucket_name = "the-trail"
          event_selector { include_management_events = false }
        }
        resource "aws_cloudtrail" "advanced" {
          name           = "advanced"
          s3_bucket_name = "the-trail"
          advanced_event_selector {
            name = "writes"
            field_selector {
              field  = "eventCategory"
              equals = ["Management"]
            }
            field_selector {
              field  = "readOnly"
              equals = ["false"]
            }
          }
        }
    """,
    build=_selectors,
    kinds=("Trail",),
)


def _watched(account: Account) -> Built:
    found = {}
    for region, label in (("eu-west-1", "west"), ("us-east-1", "east")):
        detector = account.client("guardduty", region).create_detector(Enable=True)["DetectorId"]
        config = account.client("config", region)
        role = f"arn:aws:iam::{ACCOUNT}:role/config"
        config.put_configuration_recorder(ConfigurationRecorder={"name": label, "roleARN": role})
        config.put_delivery_channel(DeliveryChannel={"name": label, "s3BucketName": "the-trail"})
        config.start_configuration_recorder(ConfigurationRecorderName=label)
        found[f"aws_guardduty_detector.{label}"] = detector
        found[f"aws_config_configuration_recorder.{label}"] = label
    return found


def _declared(label: str, recording: str = "true", enable: str = "true") -> str:
    provider = "" if label == "west" else "provider = aws.east\n"
    return f"""
        resource "aws_guardduty_detector" "{label}" {{
          {provider}enable = {enable}
        }}
        resource "aws_config_configuration_recorder" "{label}" {{
          {provider}name = "{label}"
          role_arn = "arn:aws:iam::{ACCOUNT}:role/config"
        }}
        resource "aws_config_configuration_recorder_status" "{label}" {{
          {provider}name = aws_config_configuration_recorder.{label}.name
          is_enabled = {recording}
        }}
    """


_PROVIDERS = """
        provider "aws" { region = "eu-west-1" }
        provider "aws" {
          alias  = "east"
          region = "us-east-1"
        }
"""

WATCHED = Estate(
    name="detectors and recorders in two regions",
    terraform=_PROVIDERS + _declared("west") + _declared("east"),
    build=_watched,
    kinds=("Detector",),
    regions=("eu-west-1", "us-east-1"),
    options="""
        context: {regions: [eu-west-1, us-east-1]}
    """,
    verdicts={
        "PS-MON-002": {
            "aws_guardduty_detector.west": "pass",
            "aws_config_configuration_recorder.east": "pass",
        }
    },
)


def _blind(account: Account) -> Built:
    detector = account.client("guardduty").create_detector(Enable=False)["DetectorId"]
    role = f"arn:aws:iam::{ACCOUNT}:role/config"
    account.client("config").put_configuration_recorder(
        ConfigurationRecorder={"name": "west", "roleARN": role}
    )
    return {
        "aws_guardduty_detector.west": detector,
        "aws_config_configuration_recorder.west": "west",
    }


BLIND = Estate(
    name="a detector that is off and a recorder that was never started",
    terraform=_PROVIDERS + _declared("west", "false", "false"),
    build=_blind,
    kinds=("Detector",),
    options="""
        context: {regions: [eu-west-1]}
    """,
)

MONITORING_ESTATES = (COMPLETE, SELECTORS, WATCHED, BLIND)
