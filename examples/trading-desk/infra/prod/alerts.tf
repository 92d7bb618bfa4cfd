resource "aws_ssm_parameter" "pager" {
  name  = "/alerts/pager/token"
  type  = "SecureString"
  value = "set in the console"

  lifecycle {
    ignore_changes = [value]
  }
}

resource "aws_ssm_parameter" "chat" {
  name             = "/alerts/chat/token"
  type             = "SecureString"
  value_wo         = var.chat_token
  value_wo_version = 1
}
