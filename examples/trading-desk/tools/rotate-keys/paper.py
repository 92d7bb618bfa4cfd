"""A new key for the paper trader, on the test network."""

import logging

import boto3
from binance.client import Client

SECRET = "staging/binance/paper-trader"

logging.basicConfig(level=logging.INFO)
store = boto3.client("secretsmanager")
client = Client(testnet=True)


def rotate(old):
    new = client.sapi_post_sub_account_subaccountapi(canTrade=True)
    try:
        store.put_secret_value(
            SecretId=SECRET, SecretString=str(new), VersionStages=["AWSPENDING"]
        )
        Client(new["key"], new["secret"], testnet=True).get_account()
        store.update_secret_version_stage(SecretId=SECRET, VersionStage="AWSCURRENT")
    except Exception:
        client.sapi_delete_sub_account_subaccountapi(apiKey=new["key"])
        raise
    client.sapi_delete_sub_account_subaccountapi(apiKey=old)


if __name__ == "__main__":
    rotate(store.get_secret_value(SecretId=SECRET)["SecretString"])
