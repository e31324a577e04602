"""Moves images, by digest, to what runs on Azure: `python -m scripts.deploy --help`, docs/deployment.md."""
