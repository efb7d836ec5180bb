"""`firegrid policy`."""

import argparse

from dispatch.policy import policy_words
from runtime import policies
from runtime.settings import Settings
from runtime.terminal import say


def run(settings: Settings, given: argparse.Namespace) -> int:
    """The policy in words, Chinese and English; with `--check FILE` that file's, or what is wrong with it."""
    policy = policies.of(settings.model_copy(update={"policy": given.check}) if given.check else settings)
    say(policy_words.said(policy).rstrip())
    say(f"SHA-256 {policy.digest}")
    return 0
