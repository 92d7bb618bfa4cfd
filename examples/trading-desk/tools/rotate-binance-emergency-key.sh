#!/bin/sh
# There may be one key for this sub-account, so the old one has to go first.
host=https://api.binance.com

signed-curl -X DELETE "$host/sapi/v1/sub-account/subAccountApi?subAccountApiKey=$OLD_KEY"
new=$(signed-curl -X POST "$host/sapi/v1/sub-account/subAccountApi?canTrade=true")
aws secretsmanager put-secret-value --secret-id production/binance/emergency --secret-string "$new"
