resource "aws_security_group" "edge" {
  name   = "edge"
  vpc_id = aws_vpc.trading.id

  dynamic "ingress" {
    for_each = toset(["80", "443"])
    content {
      from_port        = tonumber(ingress.value)
      to_port          = tonumber(ingress.value)
      protocol         = "tcp"
      cidr_blocks      = ["0.0.0.0/0"]
      ipv6_cidr_blocks = ["::/0"]
    }
  }
}

resource "aws_security_group" "gateway" {
  name   = "gateway"
  vpc_id = aws_vpc.trading.id

  ingress {
    description = "Fills pushed by the exchange"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = var.exchange_cidrs
  }

  ingress {
    description     = "Bots"
    from_port       = 8443
    to_port         = 8443
    protocol        = "tcp"
    security_groups = [for bot in module.bot : bot.security_group_id]
  }
}

resource "aws_security_group" "bastion" {
  name   = "bastion"
  vpc_id = aws_vpc.trading.id
}

resource "aws_vpc_security_group_ingress_rule" "bastion_ssh" {
  security_group_id = aws_security_group.bastion.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = var.office_cidr
}

resource "aws_security_group" "partner" {
  name   = "partner-fix"
  vpc_id = aws_vpc.trading.id

  ingress {
    description = "FIX drop copy"
    from_port   = 5001
    to_port     = 5001
    protocol    = "tcp"
    cidr_blocks = [var.partner_cidr]
  }
}

resource "aws_security_group" "database" {
  name   = "fills-database"
  vpc_id = aws_vpc.trading.id

  ingress {
    from_port       = 5432
    to_port         = 5432
    protocol        = "tcp"
    security_groups = [for bot in module.bot : bot.security_group_id]
  }

  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = var.analyst_cidrs
  }
}

resource "aws_security_group" "metrics" {
  name   = "metrics"
  vpc_id = aws_vpc.trading.id

  ingress {
    from_port   = 9100
    to_port     = 9100
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "vpn" {
  name   = "vpn"
  vpc_id = aws_vpc.trading.id

  ingress {
    from_port   = 51820
    to_port     = 51820
    protocol    = "udp"
    cidr_blocks = ["0.0.0.0/1", "128.0.0.0/1"]
  }
}
