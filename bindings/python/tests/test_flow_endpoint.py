"""The endpoint of flows in Python, with another library on the phone's side."""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_public_key,
)

import conek
from tests.hosts import sign
from tests.test_engine import Bench, bench

__all__ = ["bench"]


class Phone:
    """A phone with an open flow."""

    def __init__(self, public_key: str) -> None:
        self.key, self.vector = os.urandom(16), os.urandom(16)
        public = load_pem_public_key(public_key.encode())
        assert isinstance(public, rsa.RSAPublicKey)
        oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
        self.wrapped = public.encrypt(self.key, oaep)

    def ask(self, **request: object) -> conek.HttpRequest:
        sealed = AESGCM(self.key).encrypt(self.vector, json.dumps(request).encode(), None)
        body = json.dumps({
            "encrypted_flow_data": b64encode(sealed).decode(),
            "encrypted_aes_key": b64encode(self.wrapped).decode(),
            "initial_vector": b64encode(self.vector).decode(),
        }).encode()
        return conek.HttpRequest("POST", "/flow", body, headers={"X-Signature": sign(body)})

    def read(self, response: conek.HttpResponse) -> object:
        flipped = bytes(byte ^ 0xFF for byte in self.vector)
        return json.loads(AESGCM(self.key).decrypt(flipped, b64decode(response.body), None))


async def test_a_flow_is_answered_so_that_its_phone_can_read_it(bench: Bench) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"protea")).decode()
    bench.config = bench.config.__replace__(flow_keys=[conek.FlowPrivateKey(pem, passphrase="protea")])
    assert "BEGIN" not in repr(bench.config)
    engine = await bench.open()
    endpoint = engine.flow_endpoint

    phone = Phone(await endpoint.public_key())
    handled = await endpoint.handle_http(phone.ask(version="3.0", action="ping"))
    assert handled.response is not None and handled.request is None
    assert phone.read(handled.response) == {"version": "3.0", "data": {"status": "active"}}

    phone = Phone(await endpoint.public_key())
    asked = phone.ask(version="3.0", action="data_exchange", screen="DAY", data={"day": "é"}, flow_token="order 7")
    request = (await endpoint.handle_http(asked)).request
    assert request is not None and request.action is conek.FlowAction.DATA_EXCHANGE
    assert (json.loads(request.data), request.flow_token) == ({"day": "é"}, "order 7")
    done = await endpoint.answer(request.exchange, conek.FlowAnswer.Complete(params="{}"))
    params = {"extension_message_response": {"params": {"flow_token": "order 7"}}}
    assert phone.read(done) == {"version": "3.0", "screen": "SUCCESS", "data": params}
    with pytest.raises(conek.NotFoundError):
        await endpoint.answer(request.exchange, conek.FlowAnswer.Acknowledged())

    forged = conek.HttpRequest("POST", "/flow", asked.body, headers={"X-Signature": "00"})
    answered = (await endpoint.handle_http(forged)).response
    assert answered is not None and answered.status == 432
    with pytest.raises(conek.SignatureError, match="432"):
        await endpoint.open_request(conek.WebhookRequest(asked.body, headers={}))


async def test_without_a_key_there_is_no_endpoint(bench: Bench) -> None:
    engine = await bench.open()
    with pytest.raises(conek.ConekKeyError):
        await engine.flow_endpoint.public_key()
