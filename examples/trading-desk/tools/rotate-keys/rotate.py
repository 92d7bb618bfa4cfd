"""Rotates the key in one secret, in the four steps of Secrets Manager."""

import http.client
import json
import logging
import re
import sys

import boto3
from binance.client import Client

TERMS = re.compile(r"(?i)(x-mbx-apikey|signature|secret|authorization|listenkey)(\W+)[\w-]+")


class Redact(logging.Filter):
    def filter(self, record):
        record.msg = TERMS.sub(r"\1\2[REDACTED]", record.getMessage())
        record.args = ()
        return True


logging.basicConfig(level=logging.INFO)
logging.getLogger().addFilter(Redact())

if "--debug" in sys.argv:
    http.client.HTTPConnection.debuglevel = 1

store = boto3.client("secretsmanager")
master = Client()


def handler(event, context):
    secret, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    if step == "createSecret":
        create_secret(secret, token)
    elif step == "setSecret":
        pass
    elif step == "testSecret":
        test_secret(secret)
    elif step == "finishSecret":
        finish_secret(secret, token)
    else:
        raise ValueError(step)


def create_secret(secret, token):
    new = master.sapi_post_sub_account_subaccountapi(canTrade=True)
    store.put_secret_value(
        SecretId=secret,
        ClientRequestToken=token,
        SecretString=json.dumps(new),
        VersionStages=["AWSPENDING"],
    )


def test_secret(secret):
    found = store.get_secret_value(SecretId=secret, VersionStage="AWSPENDING")
    new = json.loads(found["SecretString"])
    try:
        Client(new["key"], new["secret"]).get_account()
    except Exception:
        master.sapi_delete_sub_account_subaccountapi(apiKey=new["key"])
        raise


def finish_secret(secret, token):
    found = store.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")
    old = json.loads(found["SecretString"])
    store.update_secret_version_stage(
        SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token
    )
    master.sapi_delete_sub_account_subaccountapi(apiKey=old["key"])
