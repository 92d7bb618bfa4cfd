region = "eu-west-1"

exchange_cidrs = [
  "52.84.25.0/24",
  "52.84.26.0/24",
  "54.230.137.0/24",
]

bots = {
  market-maker = {
    tier = "high"
  }
  market-data = {
    tier               = "medium"
    rotation_days      = 30
    log_retention_days = 30
    admin_cidrs        = { office = "203.0.113.0/28" }
  }
  arbitrage = {
    tier          = "high"
    rotation_days = 30
    own_key       = false
    admin_cidrs   = { remote = "0.0.0.0/0" }
  }
}
