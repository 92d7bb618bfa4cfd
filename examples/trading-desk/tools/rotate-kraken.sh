#!/bin/sh
# Kraken wants the old key gone before it makes a new one of the same name.
curl -s -X POST https://api.kraken.com/0/private/DeleteApiKey -d key="$OLD"
new=$(curl -s -X POST https://api.kraken.com/0/private/CreateApiKey -d name=hedging)
aws secretsmanager put-secret-value --secret-id production/kraken/hedging --secret-string "$new"
