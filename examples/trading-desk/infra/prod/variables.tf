variable "region" {
  type = string
}

variable "exchange_cidrs" {
  type = list(string)
}

variable "office_cidr" {
  type    = string
  default = "203.0.113.0/28"
}

variable "partner_cidr" {
  type = string
}

variable "analyst_cidrs" {
  type = list(string)
}

variable "partner_tls_policy" {
  type = string
}

variable "rotation_lambda_arn" {
  type = string
}

variable "bots" {
  type = map(object({
    tier               = string
    rotation_days      = optional(number, 7)
    own_key            = optional(bool, true)
    log_retention_days = optional(number, 365)
    admin_cidrs        = optional(map(string), {})
  }))
}
