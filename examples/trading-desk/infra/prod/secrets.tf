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
  rotation_lambda_arn = aws_lambda_function.rotate.arn

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
  rotation_lambda_arn = aws_lambda_function.rotate.arn

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

data "aws_iam_policy_document" "gateway" {
  statement {
    sid       = "Gateway"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.gateway.arn]
    }
  }
}

resource "aws_secretsmanager_secret_policy" "gateway" {
  secret_arn = aws_secretsmanager_secret.gateway.arn
  policy     = data.aws_iam_policy_document.gateway.json
}

resource "aws_secretsmanager_secret_policy" "emergency" {
  secret_arn = aws_secretsmanager_secret.emergency.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "WhoeverIsThere"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}

resource "aws_secretsmanager_secret_policy" "kraken" {
  secret_arn = aws_secretsmanager_secret.kraken.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Operator"
      Effect    = "Allow"
      Principal = { AWS = var.hedging_operator_arn }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}
