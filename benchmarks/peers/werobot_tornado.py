"""WeRoBot on tornado, without sessions."""

import os

import werobot

robot = werobot.WeRoBot(
    token=os.environ["TOKEN"],
    encoding_aes_key=os.environ["AES_KEY"],
    app_id=os.environ["APP_ID"],
    enable_session=False,
)


@robot.text
def answer(message):
    return os.environ["WORDS"]


robot.config["HOST"] = "127.0.0.1"
robot.config["PORT"] = int(os.environ["PORT"])
robot.config["SERVER"] = "tornado"
robot.run()
