"""A candidate from its tweets to the gate's verdict: `make candidate`."""
