provider "aws" {
  region = "eu-west-1"
}

variable "open_debug_port" {
  type = bool
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "6.5.0"

  name            = "staging"
  cidr            = "10.30.0.0/16"
  azs             = ["eu-west-1a"]
  private_subnets = ["10.30.1.0/24"]
}

resource "aws_kms_key" "logs" {
  description = "Logs of staging"
}

module "bot" {
  source = "../modules/bot"

  name                = "paper-trader"
  environment         = "staging"
  tier                = "low"
  vpc_id              = module.vpc.vpc_id
  subnet_id           = module.vpc.private_subnets[0]
  exchange_cidrs      = ["52.84.25.0/24"]
  log_key_arn         = aws_kms_key.logs.arn
  rotation_lambda_arn = "arn:aws:lambda:eu-west-1:123456789012:function:rotate-exchange-key"
}

resource "aws_security_group" "debug" {
  count = var.open_debug_port ? 1 : 0

  name   = "debug"
  vpc_id = module.vpc.vpc_id

  ingress {
    from_port   = 5678
    to_port     = 5678
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_cloudtrail" "staging" {
  name           = "staging"
  s3_bucket_name = "trading-desk-staging-trail"
}
