"""Ports of the loopback: free ones for tests, and whether a wanted one can be had."""

import secrets
import socket

from runtime.servers.trouble import ServerTrouble


def free() -> int:
    """A port nobody uses at this moment; another may take it before its user does.

    It lies below the range from which Linux takes the ports of outgoing connections (from 32768), so that a server that
    is started again on its port does not find a client's connection there.
    """
    while True:
        port = 15000 + secrets.randbelow(15000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def require_free(port: int, host: str, how_to_choose: str) -> None:
    """Raises `ServerTrouble` when `port` of `host` cannot be listened on."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as trouble:
            reason = trouble.strerror or "it cannot be used"
            raise ServerTrouble(f"port {port} on {host}: {reason}; {how_to_choose}") from None
