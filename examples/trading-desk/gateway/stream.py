"""Fills as the exchange sends them."""

import ssl

import certifi
import websockets

HOST = "wss://stream.binance.com:9443/ws"

context = ssl.create_default_context(cafile=certifi.where())
context.minimum_version = ssl.TLSVersion.TLSv1_3


async def fills(listen_key):
    async with websockets.connect(f"{HOST}/{listen_key}", ssl=context) as socket:
        async for message in socket:
            yield message
