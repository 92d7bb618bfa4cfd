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

variable "chat_token" {
  type      = string
  ephemeral = true
}

variable "hedging_feed_type" {
  type = string
}

variable "hedging_operator_arn" {
  type = string
}

variable "hedging_policy_arn" {
  type = string
}

variable "hedging_environment" {
  type = map(string)
}

variable "hedging_log_days" {
  type = number
}

variable "kraken_cidrs" {
  type = list(string)
}

variable "kraken_port" {
  type = number
}

variable "hub_gateway_id" {
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
