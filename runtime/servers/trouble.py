"""What the private servers cannot help, said to a person in one line."""

from runtime.trouble import Trouble


class ServerTrouble(Trouble):
    """A private server cannot be had; the message says what is wrong and what to do."""
