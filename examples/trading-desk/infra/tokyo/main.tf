# Market data from near the exchange. Set up in one night for a demonstration.

provider "aws" {
  region = "ap-northeast-1"
}

variable "binance_key" {
  type = string
}

locals {
  tags = {
    Team        = "desk"
    Environment = "production"
    Tier        = "medium"
  }
}

resource "aws_vpc" "tokyo" {
  cidr_block = "10.50.0.0/16"
  tags       = local.tags
}

resource "aws_internet_gateway" "tokyo" {
  vpc_id = aws_vpc.tokyo.id
}

resource "aws_subnet" "market_data" {
  vpc_id                  = aws_vpc.tokyo.id
  cidr_block              = "10.50.1.0/24"
  map_public_ip_on_launch = true
  tags                    = local.tags
}

resource "aws_route_table" "market_data" {
  vpc_id = aws_vpc.tokyo.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.tokyo.id
  }
}

resource "aws_route_table_association" "market_data" {
  subnet_id      = aws_subnet.market_data.id
  route_table_id = aws_route_table.market_data.id
}

# For the move into a private subnet. AWS chooses its zones.
resource "aws_nat_gateway" "tokyo" {
  vpc_id            = aws_vpc.tokyo.id
  availability_mode = "regional"
  tags              = local.tags
}

resource "aws_security_group" "market_data" {
  name   = "market-data-tokyo"
  vpc_id = aws_vpc.tokyo.id
  tags   = local.tags

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_secretsmanager_secret" "market_data" {
  name = "production/binance/market-data-tokyo"
  tags = local.tags
}

resource "aws_secretsmanager_secret_version" "market_data" {
  secret_id     = aws_secretsmanager_secret.market_data.id
  secret_string = var.binance_key
}

resource "aws_iam_role" "market_data" {
  name = "market-data-tokyo"
  tags = local.tags

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

resource "aws_iam_role_policy_attachment" "market_data" {
  role       = aws_iam_role.market_data.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_ecs_task_definition" "market_data" {
  family        = "market-data-tokyo"
  task_role_arn = aws_iam_role.market_data.arn
  tags          = local.tags

  container_definitions = jsonencode([{
    name  = "market-data"
    image = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/market-data:1.8.0"

    environment = [
      { name = "SYMBOLS", value = "BTCUSDT,ETHUSDT" },
      { name = "BINANCE_API_KEY", value = "not-a-real-key" },
    ]
  }])
}
