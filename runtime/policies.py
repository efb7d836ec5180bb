"""The policy that the settings name."""

from devices.passage import Wrong
from dispatch.policy import policy_file
from dispatch.policy.policy import Policy
from runtime.settings import Settings
from runtime.trouble import Trouble


def of(settings: Settings) -> Policy:
    """The policy of `FIREGRID_POLICY`, else the shipped one.

    Raises Trouble for a file that is none: nothing starts with it.
    """
    try:
        return policy_file.load(settings.policy)
    except Wrong as wrong:
        raise Trouble(str(wrong)) from None
