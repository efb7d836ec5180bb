"""What the private servers cannot help, said to a person in one line."""


class ServerTrouble(Exception):  # noqa: N818 - it is read aloud: "trouble: …"
    """A private server cannot be had; the message is one line saying what is wrong and what to do."""
