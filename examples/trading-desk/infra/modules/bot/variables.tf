variable "name" {
  type = string
}

variable "environment" {
  type = string
}

variable "exchange" {
  type    = string
  default = "binance"
}

variable "tier" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_id" {
  type = string
}

variable "exchange_cidrs" {
  type = list(string)
}

variable "admin_cidrs" {
  type    = map(string)
  default = {}
}

variable "secret_key_arn" {
  type    = string
  default = null
}

variable "log_key_arn" {
  type = string
}

variable "rotation_days" {
  type    = number
  default = null
}

variable "rotation_lambda_arn" {
  type = string
}

variable "log_retention_days" {
  type    = number
  default = 90
}
