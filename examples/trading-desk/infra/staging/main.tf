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
  tags   = { Team = "desk" }

  ingress {
    from_port   = 5678
    to_port     = 5678
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# Plays a day of production again, on market data that it fetches with the key of production.

resource "aws_iam_role" "replay" {
  name = "replay"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Tasks"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "replay" {
  name = "keys"
  role = aws_iam_role.replay.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Keys"
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = [
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:staging/binance/*",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:production/binance/*",
      ]
    }]
  })
}

resource "aws_ecs_task_definition" "replay" {
  family        = "replay"
  task_role_arn = aws_iam_role.replay.arn
  tags          = { Environment = "staging" }

  container_definitions = jsonencode([{
    name  = "replay"
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/replay:1.0"

    environment = [
      { name = "KEY_SECRET_ID", value = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:production/binance/market-data" },
    ]
  }])
}

resource "aws_cloudtrail" "staging" {
  name           = "staging"
  s3_bucket_name = "trading-desk-staging-trail"
}
