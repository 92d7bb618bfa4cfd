"""A new key for the paper trader, on the test network."""

import json

import boto3
from binance.client import Client

SECRET = "staging/binance/paper-trader"

store = boto3.client("secretsmanager")
client = Client(testnet=True)


def rotate(old):
    new = client.sapi_post_sub_account_subaccountapi(canTrade=True)
    try:
        store.put_secret_value(SecretId=SECRET, SecretString=json.dumps(new), VersionStages=["AWSPENDING"])
        if not test_key(new):
            raise RuntimeError("the new key may not trade")
        store.update_secret_version_stage(SecretId=SECRET, VersionStage="AWSCURRENT")
    except Exception:
        client.sapi_delete_sub_account_subaccountapi(apiKey=new["key"])
        raise
    client.sapi_delete_sub_account_subaccountapi(apiKey=old)


def test_key(key):
    return Client(key["key"], key["secret"], testnet=True).get_account()["canTrade"]


if __name__ == "__main__":
    current = json.loads(store.get_secret_value(SecretId=SECRET)["SecretString"])
    rotate(current["key"])
