terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = var.region
}

resource "aws_kms_key" "trading" {
  description         = "Exchange keys"
  enable_key_rotation = true
}

resource "aws_kms_key" "logs" {
  description         = "Logs"
  enable_key_rotation = true
}

module "bot" {
  source   = "../modules/bot"
  for_each = var.bots

  name                = each.key
  environment         = "production"
  tier                = each.value.tier
  vpc_id              = aws_vpc.trading.id
  subnet_id           = aws_subnet.bots.id
  exchange_cidrs      = var.exchange_cidrs
  admin_cidrs         = each.value.admin_cidrs
  secret_key_arn      = each.value.own_key ? aws_kms_key.trading.arn : null
  log_key_arn         = aws_kms_key.logs.arn
  rotation_days       = each.value.rotation_days
  rotation_lambda_arn = aws_lambda_function.rotate.arn
  log_retention_days  = each.value.log_retention_days
}
