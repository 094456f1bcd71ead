"""Bad tokens are made from good ones, without the key."""

from __future__ import annotations

import base64

import jwt
import pytest

from netra_contracts.clients.tokens import forgery
from netra_contracts.clients.tokens.forgery import ForgeryError
from tests.unit.clients.served_app import KEY


@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
def test_wrong_signature_differs_from_the_good_one_in_its_bytes_only(algorithm: str) -> None:
    good = jwt.encode({"sub": "a"}, KEY * 2, algorithm=algorithm)
    bad = forgery.wrong_signature(good)

    assert bad.rpartition(".")[0] == good.rpartition(".")[0]
    signatures = [base64.urlsafe_b64decode(token.rpartition(".")[2] + "==") for token in (good, bad)]
    assert len(signatures[0]) == len(signatures[1])
    assert signatures[0] != signatures[1]
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(bad, KEY * 2, algorithms=[algorithm])


def test_alg_none_keeps_the_claims_and_has_no_signature() -> None:
    forged = forgery.alg_none(jwt.encode({"sub": "a"}, KEY, algorithm="HS256"))

    assert jwt.get_unverified_header(forged) == {"alg": "none", "typ": "JWT"}
    assert jwt.decode(forged, options={"verify_signature": False}) == {"sub": "a"}
    assert forged.endswith(".")


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.b.c", "!.!.!", "MTI.e30.c2ln", "a.b.c.d.e", "\u00e9.b.c"])
def test_text_that_is_not_a_jwt_cannot_be_forged(token: str) -> None:
    for forge in (forgery.wrong_signature, forgery.alg_none):
        with pytest.raises(ForgeryError):
            forge(token)
    assert forgery.claims(token) is None


def test_unsigned_token_has_no_signature_to_falsify() -> None:
    with pytest.raises(ForgeryError, match="no signature"):
        forgery.wrong_signature(jwt.encode({"sub": "a"}, None, algorithm="none"))
