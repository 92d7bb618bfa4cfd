resource "aws_vpc" "trading" {
  cidr_block = "10.20.0.0/16"
}

resource "aws_internet_gateway" "trading" {
  vpc_id = aws_vpc.trading.id
}

# The edge: load balancers and NAT gateways, one subnet in each zone.

resource "aws_subnet" "edge" {
  count = 2

  vpc_id            = aws_vpc.trading.id
  cidr_block        = cidrsubnet(aws_vpc.trading.cidr_block, 8, 10 + count.index)
  availability_zone = ["eu-west-1a", "eu-west-1b"][count.index]
}

resource "aws_route_table" "edge" {
  vpc_id = aws_vpc.trading.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.trading.id
  }
}

resource "aws_route_table_association" "edge" {
  count = 2

  subnet_id      = aws_subnet.edge[count.index].id
  route_table_id = aws_route_table.edge.id
}

resource "aws_eip" "nat" {
  count  = 2
  domain = "vpc"
}

resource "aws_nat_gateway" "trading" {
  count = 2

  subnet_id     = aws_subnet.edge[count.index].id
  allocation_id = aws_eip.nat[count.index].id
}

# The bots: out through NAT, from addresses that the exchanges know.

resource "aws_subnet" "bots" {
  vpc_id            = aws_vpc.trading.id
  cidr_block        = cidrsubnet(aws_vpc.trading.cidr_block, 8, 1)
  availability_zone = "eu-west-1a"
}

resource "aws_route_table" "bots" {
  vpc_id = aws_vpc.trading.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.trading[0].id
  }
}

resource "aws_route_table_association" "bots" {
  subnet_id      = aws_subnet.bots.id
  route_table_id = aws_route_table.bots.id
}
