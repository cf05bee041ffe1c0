"""The WeCom group bot 智能机器人 over its long connection: no public address, one live connection per bot."""
