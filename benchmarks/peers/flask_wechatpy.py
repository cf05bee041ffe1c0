"""wechatpy in Flask: `gunicorn -k gthread flask_wechatpy:app`."""

import os

from flask import Flask, abort, request
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.utils import check_signature

app = Flask(__name__)
TOKEN, AES_KEY, APP_ID, WORDS = (os.environ[name] for name in ("TOKEN", "AES_KEY", "APP_ID", "WORDS"))


@app.post("/")
def receive():
    asked = request.args
    try:
        check_signature(TOKEN, asked["signature"], asked["timestamp"], asked["nonce"])
        crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
        plain = crypto.decrypt_message(request.data, asked["msg_signature"], asked["timestamp"], asked["nonce"])
    except InvalidSignatureException:
        abort(403)
    reply = create_reply(WORDS, parse_message(plain))
    return crypto.encrypt_message(reply.render(), asked["nonce"], asked["timestamp"])
