data "archive_file" "rotate" {
  type        = "zip"
  source_dir  = "${path.module}/../../tools/rotate-keys"
  output_path = "${path.module}/rotate-keys.zip"
}

resource "aws_lambda_function" "rotate" {
  function_name = "rotate-exchange-key"
  role          = aws_iam_role.rotate.arn
  filename      = data.archive_file.rotate.output_path
  handler       = "rotate.handler"
  runtime       = "python3.12"

  environment {
    variables = { LOG_LEVEL = "INFO" }
  }
}

resource "aws_iam_role" "rotate" {
  name = "rotate-exchange-key"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Function"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "rotate" {
  name = "keys-of-production"
  role = aws_iam_role.rotate.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "Rotate"
      Effect = "Allow"
      Action = [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
      ]
      Resource  = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:*/binance/*"
      Condition = { StringEquals = { "aws:ResourceTag/Environment" = "production" } }
    }]
  })
}
