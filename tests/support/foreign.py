"""Brokers other than ours, of Debian's packages, in a private root: written down, started, stopped, killed.

A root is fetched once and entered with `unshare` and `chroot`, as root or where users may have namespaces of their own.
Every gateway's password is `password(code)`; FireGrid's own user is `firegrid`.
"""

import base64
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import unquote

from outside import PREFIX, free_port, until

from runtime.servers import apt

SUITE = "trixie"
BASE = ("bash", "coreutils", "sed", "grep", "mawk", "procps", "hostname")
INTERNAL = "firegrid"

ENTER = """
mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && mount --bind "$1" "$0/trial" || exit 1
shift
exec chroot "$0" "$@"
"""


def password(code: str) -> str:
    """What the user `code` logs in with."""
    return f"secret-{code}"


def root(cache: Path, say: Callable[[str], None]) -> Path:
    """A folder in which all of `BROKERS` can be run, fetched through the machine's own apt if it is not there yet."""
    found = cache / f"brokers-{SUITE}"
    if found.exists():
        return found
    making = cache / f"{found.name}.making"
    shutil.rmtree(making, ignore_errors=True)
    made = making / "root"
    made.mkdir(parents=True)
    packages = [each.PACKAGE for each in BROKERS.values()]
    say(f"fetching {', '.join(packages)} of Debian {SUITE}")
    debs = apt.download(making / "apt", SUITE, (*packages, *BASE), lambda _: None)
    for deb in debs:
        subprocess.run(["dpkg-deb", "-x", deb, made], check=True)
    for link, program in (("sh", "bash"), ("awk", "mawk")):
        (made / "usr/bin" / link).unlink(missing_ok=True)
        (made / "usr/bin" / link).symlink_to(program)
    (made / "trial").mkdir()
    (made / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/bash\n")
    (made / "etc/group").write_text("root:x:0:\n")
    (made / "etc/hosts").write_text(f"127.0.0.1 localhost {socket.gethostname()}\n")
    (made / "packages").write_text("".join(f"{deb.stem}\n" for deb in debs))
    made.rename(found)
    shutil.rmtree(making)
    return found


class Foreign:
    """One broker on a port of the loopback; it sees its own folder, made anew, as /trial."""

    PACKAGE: str
    PROGRAM: str
    """The process that is the broker, by name."""
    RATE = 600.0
    """Single readings a second that FireGrid keeps up with on it, with plenty in hand."""

    def __init__(self, cache: Path, gateways: Sequence[str], say: Callable[[str], None]) -> None:
        self.root = root(cache, say)
        self.gateways = gateways
        self.port = free_port()
        self.home = cache / f"trial-{self.PACKAGE}-{self.port}"
        self.log = cache / f"{self.PACKAGE}.log"
        self.child: subprocess.Popen[bytes] | None = None
        self.home.mkdir()
        self.write()

    def write(self) -> None:
        """Its configuration is in `home`."""
        raise NotImplementedError

    def command(self) -> Sequence[str]:
        """What starts it, as seen inside the root."""
        raise NotImplementedError

    def let_in(self) -> None:
        """Its users are known to it, which now runs for the first time."""

    def version(self) -> str:
        """Of the Debian package."""
        names = (self.root / "packages").read_text().split()
        found = next(name for name in names if name.startswith(f"{self.PACKAGE}_"))
        return unquote(found.split("_")[1])

    def url(self) -> str:
        """What FireGrid connects to."""
        return f"mqtt://{INTERNAL}:{password(INTERNAL)}@127.0.0.1:{self.port}"

    def start(self) -> None:
        """It takes connections."""
        with self.log.open("ab") as output:
            self.child = subprocess.Popen(
                self.inside(*self.command()),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
            )
        until(self.answers, lambda: f"{self.PACKAGE} answers; see {self.log}", 90)

    def inside(self, *command: str) -> list[str]:
        """The command line that runs `command` in the root, with all it starts ending with it."""
        apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        if os.geteuid() != 0:
            apart.append("--map-root-user")
        return [*apart, "sh", "-c", ENTER, str(self.root), str(self.home), *command]

    def answers(self) -> bool:
        """Whether somebody listens on its port."""
        assert self.child is not None
        assert self.child.poll() is None, f"{self.PACKAGE} ended; see {self.log}"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def process(self) -> int:
        """The broker's own pid, a descendant of the one that was started."""
        assert self.child is not None
        family = {self.child.pid}
        for pid in sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
            try:
                status = Path(f"/proc/{pid}/stat").read_text()
            except OSError:
                continue
            name, rest = status.partition("(")[2].rpartition(")")[0], status.rpartition(")")[2].split()
            if int(rest[1]) in family:
                family.add(pid)
                if name == self.PROGRAM:
                    return pid
        raise AssertionError(f"no {self.PROGRAM} runs; see {self.log}")

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> None:
        """It has ended: in order, or killed."""
        if self.child is None or self.child.poll() is not None:
            return
        os.kill(self.process(), sign)
        try:
            self.child.wait(60)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise
        while (Path("/proc") / str(self.child.pid)).exists():
            time.sleep(0.01)

    def end(self) -> None:
        """Whatever happened, nothing of it runs."""
        if self.child is not None and self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        shutil.rmtree(self.home, ignore_errors=True)


class RabbitMQ(Foreign):
    """With its MQTT plugin; users and rules from a file of definitions."""

    PACKAGE = "rabbitmq-server"
    PROGRAM = "beam.smp"

    def write(self) -> None:
        """Configuration, plugins and definitions. `{username}` stands for the gateway; topics have dots for slashes."""
        (self.home / "rabbitmq.conf").write_text(
            f"listeners.tcp = none\nmqtt.listeners.tcp.1 = 127.0.0.1:{self.port}\nmqtt.allow_anonymous = false\n"
            "mqtt.prefetch = 20000\nmqtt.max_session_expiry_interval_seconds = 604800\n"
            "load_definitions = /trial/definitions.json\nlog.console = true\nlog.file = false\n"
        )
        (self.home / "enabled_plugins").write_text("[rabbitmq_mqtt].\n")
        users = (INTERNAL, *self.gateways)
        under = "^" + PREFIX.replace("/", r"\.") + r"\."
        queues = r"^(amq\.topic|mqtt-subscription-.*)$"
        definitions = {
            "vhosts": [{"name": "/"}],
            "users": [{"name": user, "password_hash": self._hash(password(user)), "tags": []} for user in users],
            "permissions": [
                {"user": user, "vhost": "/", "configure": "^mqtt-subscription-", "write": queues, "read": queues}
                for user in users
            ],
            "topic_permissions": [
                {
                    "user": user,
                    "vhost": "/",
                    "exchange": "amq.topic",
                    "write": under + ("" if user == INTERNAL else r"{username}\.(telemetry|event|status|reply)$"),
                    "read": under + ("" if user == INTERNAL else r"{username}\.(command|rejected)$"),
                }
                for user in users
            ],
        }
        (self.home / "definitions.json").write_text(json.dumps(definitions))
        (self.home / "run").write_text(
            "export HOME=/trial NOTIFY_SOCKET=/trial/none RABBITMQ_NODENAME=trial@localhost RABBITMQ_LOGS=- \\\n"
            " RABBITMQ_CONFIG_FILE=/trial/rabbitmq.conf RABBITMQ_ENABLED_PLUGINS_FILE=/trial/enabled_plugins \\\n"
            f" RABBITMQ_MNESIA_BASE=/trial/db ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT={free_port()} \\\n"
            f" RABBITMQ_DIST_PORT={free_port()} \\\n"
            ' RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"\n'
            "exec /usr/lib/rabbitmq/bin/rabbitmq-server\n"
        )

    def command(self) -> Sequence[str]:
        """Its own script."""
        return ("sh", "/trial/run")

    @staticmethod
    def _hash(word: str) -> str:
        """As RabbitMQ keeps it: a salt of four bytes, then SHA-256 of salt and password."""
        salt = os.urandom(4)
        return base64.b64encode(salt + hashlib.sha256(salt + word.encode()).digest()).decode()


class Ejabberd(Foreign):
    """Its mod_mqtt; users are registered by a second node."""

    PACKAGE = "ejabberd"
    PROGRAM = "beam.smp"
    RATE = 15.0

    def write(self) -> None:
        """Configuration. `%u` stands for the gateway."""
        rules = [f'      "{PREFIX}/%u/{word}": [{{allow: all}}]' for word in ("telemetry", "event", "status", "reply")]
        reads = [f'      "{PREFIX}/%u/{channel}": [{{allow: all}}]' for channel in ("command", "rejected")]
        rest = [f'      "{PREFIX}/#": [{{allow: {INTERNAL}}}]', '      "#": [{deny: all}]']
        (self.home / "ejabberd.yml").write_text(
            "\n".join(
                [
                    "hosts: [localhost]",
                    "loglevel: warning",
                    f'listen: [{{port: {self.port}, ip: "127.0.0.1", module: mod_mqtt, backlog: 1000}}]',
                    f'acl: {{{INTERNAL}: {{user: ["{INTERNAL}@localhost"]}}}}',
                    "modules:",
                    "  mod_mqtt:",
                    "    session_expiry: 7 days",
                    "    max_queue: 1000000",
                    "    access_publish:",
                    *rules,
                    *rest,
                    "    access_subscribe:",
                    *reads,
                    *rest,
                    "",
                ]
            )
        )
        (self.home / "environment").write_text(
            f"export HOME=/trial ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT={free_port()}\n"
            f"export ERL_LIBS=/{next(self.root.glob('usr/lib/*/ejabberd-*')).parent.relative_to(self.root)}\n"
            "export EJABBERD_CONFIG_PATH=/trial/ejabberd.yml EJABBERD_LOG_PATH=/trial/ejabberd.log\ncd /trial\n"
        )

    def command(self) -> Sequence[str]:
        """The Erlang machine itself: ejabberdctl insists on a user of its own."""
        options = "-kernel inet_dist_use_interface '{127,0,0,1}' -mnesia dir '\"/trial/db\"' -s ejabberd"
        return ("sh", "-c", f". /trial/environment; exec erl -sname trial@localhost -noinput {options}")

    def let_in(self) -> None:
        """Each user is registered."""
        assert self.child is not None
        calls = ",".join(
            f'ok=rpc:call(trial@localhost,ejabberd_auth,try_register,[<<"{user}">>,<<"localhost">>,<<"{password(user)}">>])'
            for user in (INTERNAL, *self.gateways)
        )
        script = f". /trial/environment; exec erl -sname ctl@localhost -noinput -hidden -eval '{calls},halt().'"
        subprocess.run(self.inside("sh", "-c", script), check=True, timeout=60, cwd="/")


class Nats(Foreign):
    """Its MQTT gate, which speaks 3.1.1 only: what FireGrid says of such a broker."""

    PACKAGE = "nats-server"
    PROGRAM = "nats-server"

    def write(self) -> None:
        """Configuration."""
        (self.home / "nats.conf").write_text(
            f'listen: "127.0.0.1:{free_port()}"\nserver_name: trial\njetstream: {{store_dir: /trial/store}}\n'
            f"mqtt: {{host: 127.0.0.1, port: {self.port}}}\n"
            f"authorization: {{users: [{{user: {INTERNAL}, password: {password(INTERNAL)}}}]}}\n"
        )

    def command(self) -> Sequence[str]:
        """The server."""
        return ("nats-server", "-c", "/trial/nats.conf")


class Mosquitto(Foreign):
    """Ours, with the settings of the README, for comparison."""

    PACKAGE = "mosquitto"
    PROGRAM = "mosquitto"

    def write(self) -> None:
        """Configuration, hashed passwords and rules."""
        from devices import broker_access  # noqa: PLC0415 (the others need nothing of FireGrid)

        users = {user: broker_access.hash_password(password(user)) for user in self.gateways}
        internal = broker_access.hash_password(password(INTERNAL))
        (self.home / "passwords").write_text(broker_access.password_file({**users, INTERNAL: internal}))
        rules = broker_access.acl_file(PREFIX).replace(f"user {broker_access.INTERNAL}", f"user {INTERNAL}")
        (self.home / "access").write_text(rules)
        (self.home / "mosquitto.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file /trial/passwords\n"
            "acl_file /trial/access\npersistence true\npersistence_location /trial/\n"
            "max_inflight_messages 1000\nmax_queued_messages 1000000\nuser root\n"
        )
        for name in ("passwords", "access"):
            (self.home / name).chmod(0o600)

    def command(self) -> Sequence[str]:
        """The server."""
        return ("mosquitto", "-c", "/trial/mosquitto.conf")


BROKERS: dict[str, type[Foreign]] = {
    "rabbitmq": RabbitMQ,
    "ejabberd": Ejabberd,
    "mosquitto": Mosquitto,
    "nats": Nats,
}
