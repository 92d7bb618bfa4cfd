locals {
  tags = {
    Team        = "desk"
    Environment = var.environment
    Tier        = var.tier
  }
}

data "aws_ami" "bot" {
  most_recent = true
  owners      = ["self"]

  filter {
    name   = "name"
    values = ["bot-*"]
  }
}

resource "aws_instance" "this" {
  ami                         = data.aws_ami.bot.id
  instance_type               = "c7g.large"
  subnet_id                   = var.subnet_id
  vpc_security_group_ids      = [aws_security_group.this.id]
  iam_instance_profile        = aws_iam_instance_profile.this.name
  associate_public_ip_address = false
  tags                        = merge(local.tags, { Name = var.name })
}

resource "aws_iam_role" "this" {
  name               = "${var.environment}-${var.name}"
  assume_role_policy = data.aws_iam_policy_document.instance.json
  tags               = local.tags
}

data "aws_iam_policy_document" "instance" {
  statement {
    sid     = "Instance"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_instance_profile" "this" {
  name = aws_iam_role.this.name
  role = aws_iam_role.this.name
}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "OwnKey"
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    resources = [aws_secretsmanager_secret.key.arn]
  }
}

resource "aws_iam_role_policy" "key" {
  name   = "own-key"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.key.json
}

resource "aws_security_group" "this" {
  name        = "${var.environment}-${var.name}"
  description = "Bot ${var.name}"
  vpc_id      = var.vpc_id
  tags        = local.tags

  dynamic "ingress" {
    for_each = var.admin_cidrs
    content {
      description = "SSH from ${ingress.key}"
      from_port   = 22
      to_port     = 22
      protocol    = "tcp"
      cidr_blocks = [ingress.value]
    }
  }

  egress {
    description = "Orders and market data"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = var.exchange_cidrs
  }
}

resource "aws_secretsmanager_secret" "key" {
  name        = "${var.environment}/${var.exchange}/${var.name}"
  description = "API key of ${var.name}"
  kms_key_id  = var.secret_key_arn
  tags        = local.tags
}

resource "aws_secretsmanager_secret_rotation" "key" {
  count = var.rotation_days == null ? 0 : 1

  secret_id           = aws_secretsmanager_secret.key.id
  rotation_lambda_arn = var.rotation_lambda_arn

  rotation_rules {
    automatically_after_days = var.rotation_days
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/bots/${var.name}"
  kms_key_id        = var.log_key_arn
  retention_in_days = var.log_retention_days
  tags              = local.tags
}
