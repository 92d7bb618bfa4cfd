# Taken over from another desk with its network. Nobody has gone through it yet.

resource "aws_vpc" "hedging" {
  cidr_block = "10.40.0.0/16"
}

resource "aws_subnet" "hedging" {
  vpc_id            = aws_vpc.hedging.id
  cidr_block        = "10.40.1.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_route_table" "hedging" {
  vpc_id = aws_vpc.hedging.id

  route {
    cidr_block         = "0.0.0.0/0"
    transit_gateway_id = var.hub_gateway_id
  }
}

resource "aws_route_table_association" "hedging" {
  subnet_id      = aws_subnet.hedging.id
  route_table_id = aws_route_table.hedging.id
}

resource "aws_subnet" "hedging_nat" {
  vpc_id            = aws_vpc.hedging.id
  cidr_block        = "10.40.2.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_eip" "hedging_nat" {
  domain = "vpc"
}

resource "aws_nat_gateway" "hedging" {
  subnet_id     = aws_subnet.hedging_nat.id
  allocation_id = aws_eip.hedging_nat.id
}

resource "aws_security_group" "hedging" {
  name   = "hedging"
  vpc_id = aws_vpc.hedging.id
  tags   = { Team = "desk" }

  egress {
    description = "Kraken"
    from_port   = var.kraken_port
    to_port     = var.kraken_port
    protocol    = "tcp"
    cidr_blocks = var.kraken_cidrs
  }
}

resource "aws_security_group" "reports" {
  name   = "reports"
  vpc_id = aws_vpc.hedging.id
  tags   = { Purpose = "web" }

  ingress {
    description = "Office"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = [var.office_cidr]
  }
}

resource "aws_ssm_parameter" "hedging_feed" {
  name  = "/hedging/feed/password"
  type  = var.hedging_feed_type
  value = "set in the console"

  lifecycle {
    ignore_changes = [value]
  }
}

resource "aws_cloudwatch_log_group" "hedging" {
  name              = "/bots/hedging"
  kms_key_id        = aws_kms_key.logs.arn
  retention_in_days = var.hedging_log_days
  tags              = { Team = "desk" }
}

resource "aws_iam_role" "hedging" {
  name               = "hedging"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_role_policy_attachment" "hedging" {
  role       = aws_iam_role.hedging.name
  policy_arn = var.hedging_policy_arn
}

resource "aws_ecs_task_definition" "hedging" {
  family        = "hedging"
  task_role_arn = aws_iam_role.hedging.arn
  tags          = { Team = "desk" }

  container_definitions = jsonencode([{
    name        = "hedging"
    image       = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/hedging:0.9"
    environment = [for name, value in var.hedging_environment : { name = name, value = value }]
  }])
}
