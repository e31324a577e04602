"""When rejections say that the model goes wrong: the rules, the alerts they open, and who is told."""
