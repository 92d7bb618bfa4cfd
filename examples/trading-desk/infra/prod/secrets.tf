data "aws_kms_key" "shared" {
  key_id = "alias/shared"
}

resource "aws_secretsmanager_secret" "gateway" {
  name       = "production/binance/gateway"
  kms_key_id = aws_kms_key.trading.arn
  tags       = { Tier = "high" }
}

resource "aws_secretsmanager_secret_rotation" "gateway" {
  secret_id           = aws_secretsmanager_secret.gateway.id
  rotation_lambda_arn = var.rotation_lambda_arn

  rotation_rules {
    schedule_expression = "cron(0 2 ? * SUN *)"
  }
}

resource "aws_secretsmanager_secret" "kraken" {
  name       = "production/kraken/hedging"
  kms_key_id = data.aws_kms_key.shared.arn
}

resource "aws_secretsmanager_secret_rotation" "kraken" {
  secret_id           = aws_secretsmanager_secret.kraken.id
  rotation_lambda_arn = var.rotation_lambda_arn

  rotation_rules {
    schedule_expression = "rate(30 days)"
  }
}

resource "aws_secretsmanager_secret" "emergency" {
  name        = "production/binance/emergency"
  description = "Used by hand when the gateway is down"
}

resource "aws_secretsmanager_secret" "fills_database" {
  name = "production/postgres/fills"
}
