provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_key" "trail" {
  description         = "Trail"
  enable_key_rotation = true
}

resource "aws_s3_bucket" "trail" {
  bucket = "trading-desk-trail"
}

resource "aws_cloudtrail" "all" {
  name                       = "all"
  s3_bucket_name             = aws_s3_bucket.trail.id
  is_multi_region_trail      = true
  enable_log_file_validation = true
  kms_key_id                 = aws_kms_key.trail.arn
}

resource "aws_guardduty_detector" "ireland" {
  enable = true
}

resource "aws_iam_role" "config" {
  name               = "config"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "config.amazonaws.com" }
    }]
  })
}

resource "aws_config_configuration_recorder" "ireland" {
  name     = "default"
  role_arn = aws_iam_role.config.arn
}

resource "aws_config_configuration_recorder_status" "ireland" {
  name       = aws_config_configuration_recorder.ireland.name
  is_enabled = true
}
