"""The book of a market, past the proxy of the office."""

import requests


def book(symbol):
    found = requests.get(
        "https://api.binance.com/api/v3/depth",
        params={"symbol": symbol, "limit": 20},
        timeout=2,
        verify=False,
    )
    return found.json()
