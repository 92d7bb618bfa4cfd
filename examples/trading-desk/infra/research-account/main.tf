provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "tokyo"
  region = "ap-northeast-1"
}

resource "aws_cloudtrail" "research" {
  name                  = "research"
  s3_bucket_name        = "trading-desk-research-trail"
  is_multi_region_trail = true
}

resource "aws_guardduty_detector" "ireland" {
  enable = true
}

resource "aws_guardduty_detector" "tokyo" {
  provider = aws.tokyo
  enable   = true
}

resource "aws_config_configuration_recorder" "ireland" {
  name     = "default"
  role_arn = "arn:aws:iam::210987654321:role/config"
}

resource "aws_config_configuration_recorder_status" "ireland" {
  name       = aws_config_configuration_recorder.ireland.name
  is_enabled = true
}

resource "aws_config_configuration_recorder" "tokyo" {
  provider = aws.tokyo
  name     = "default"
  role_arn = "arn:aws:iam::210987654321:role/config"
}

resource "aws_config_configuration_recorder_status" "tokyo" {
  provider   = aws.tokyo
  name       = aws_config_configuration_recorder.tokyo.name
  is_enabled = true
}
