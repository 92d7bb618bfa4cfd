resource "aws_cloudwatch_log_group" "edge" {
  name              = "/edge/access"
  retention_in_days = 14
}
