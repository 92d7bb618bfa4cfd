"""Fills of all accounts, in one stream for the bots."""

import logging
import os
import re

from binance.spot import Spot

TERMS = re.compile(r"(?i)(x-mbx-apikey|signature|secret|authorization|listenkey)(\W+)[\w-]+")


class Redact(logging.Filter):
    def filter(self, record):
        record.msg = TERMS.sub(r"\1\2[REDACTED]", record.getMessage())
        record.args = ()
        return True


handler = logging.StreamHandler()
handler.addFilter(Redact())
logging.basicConfig(level=logging.INFO, handlers=[handler])

client = Spot(api_key=os.environ["BINANCE_API_KEY"], api_secret=os.environ["BINANCE_API_SECRET"])
logging.info("fills from stream of %s", client.base_url)
