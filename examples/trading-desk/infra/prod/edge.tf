resource "aws_lb" "public" {
  name            = "public"
  security_groups = [aws_security_group.edge.id]
  subnets         = aws_subnet.edge[*].id
}

resource "aws_lb" "internal" {
  name            = "internal"
  internal        = true
  security_groups = [aws_security_group.gateway.id]
  subnets         = aws_subnet.edge[*].id
}

resource "aws_lb_target_group" "gateway" {
  name     = "gateway"
  port     = 8443
  protocol = "HTTPS"
  vpc_id   = aws_vpc.trading.id
}

resource "aws_acm_certificate" "desk" {
  domain_name       = "desk.example.com"
  validation_method = "DNS"
}

resource "aws_lb_listener" "public" {
  load_balancer_arn = aws_lb.public.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-3-2021-06"
  certificate_arn   = aws_acm_certificate.desk.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.gateway.arn
  }
}

resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.public.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "risk" {
  load_balancer_arn = aws_lb.internal.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
  certificate_arn   = aws_acm_certificate.desk.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.gateway.arn
  }
}

resource "aws_lb_listener" "orders" {
  load_balancer_arn = aws_lb.internal.arn
  port              = 8443
  protocol          = "HTTPS"
  certificate_arn   = aws_acm_certificate.desk.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.gateway.arn
  }
}

resource "aws_lb_listener" "partner" {
  load_balancer_arn = aws_lb.internal.arn
  port              = 9443
  protocol          = "HTTPS"
  ssl_policy        = var.partner_tls_policy
  certificate_arn   = aws_acm_certificate.desk.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.gateway.arn
  }
}

resource "aws_lb_listener" "dashboard" {
  load_balancer_arn = aws_lb.internal.arn
  port              = 8080
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.gateway.arn
  }
}
