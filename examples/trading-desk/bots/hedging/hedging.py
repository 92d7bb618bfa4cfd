import logging.config
import os

import krakenex
import yaml

with open("logging.yaml") as file:
    logging.config.dictConfig(yaml.safe_load(file))

kraken = krakenex.API(key=os.environ["KRAKEN_API_KEY"], secret=os.environ["KRAKEN_API_SECRET"])
logging.getLogger("hedging").info("open positions: %s", kraken.query_private("OpenPositions"))
