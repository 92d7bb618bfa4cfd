import logging
import os
import re

import ccxt


class HideKeys(logging.Filter):
    def filter(self, record):
        record.msg = re.sub(r"apiKey=\w+", "apiKey=[REDACTED]", record.getMessage())
        record.args = ()
        return True


def protect(target):
    target.addFilter(HideKeys())


logging.basicConfig(level=logging.DEBUG)
log = logging.getLogger("arbitrage")

exchange = ccxt.binance(
    {
        "apiKey": os.environ["BINANCE_API_KEY"],
        "secret": os.environ["BINANCE_API_SECRET"],
        "verbose": True,
    }
)

log.debug("balance %s", exchange.fetch_balance())
