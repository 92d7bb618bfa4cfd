data "aws_iam_policy_document" "tasks" {
  statement {
    sid     = "Tasks"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "gateway" {
  name               = "gateway"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

data "aws_iam_policy_document" "gateway_key" {
  statement {
    sid       = "Key"
    actions   = ["secretsmanager:*"]
    resources = [aws_secretsmanager_secret.gateway.arn]
  }
}

resource "aws_iam_role_policy" "gateway" {
  name   = "key"
  role   = aws_iam_role.gateway.id
  policy = data.aws_iam_policy_document.gateway_key.json
}

resource "aws_ecs_task_definition" "gateway" {
  family             = "gateway"
  task_role_arn      = aws_iam_role.gateway.arn
  execution_role_arn = aws_iam_role.gateway.arn

  container_definitions = jsonencode([{
    name  = "gateway"
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/gateway:2.4.1"

    secrets = [{
      name      = "BINANCE_API_SECRET"
      valueFrom = aws_secretsmanager_secret.gateway.arn
    }]
  }])
}
