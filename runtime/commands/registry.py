"""`firegrid import` and `firegrid export`."""

import argparse
import sys

from api import admin_log
from api.admin_log import COMMAND_LINE, Deed
from devices import catalogue, pack, pack_store
from runtime import located
from runtime.settings import Settings
from runtime.terminal import say
from runtime.trouble import Trouble


def import_pack(settings: Settings, given: argparse.Namespace) -> int:
    """The registry is the pack's; or every fault is printed and nothing is applied."""
    if not given.folder.is_dir():
        raise Trouble(f"{given.folder} is no folder: name the folder of a district pack")
    taken = pack.read(given.folder, given.crs, catalogue.load())
    if isinstance(taken, list):
        for fault in taken:
            sys.stderr.write(f"{fault}\n")
        files = len({fault.file for fault in taken})
        raise Trouble(f"{len(taken)} faults in {files} files, nothing was applied: correct them and import again")
    if given.dry_run:
        say("\n".join([*taken.lines(), "dry run: the pack is whole, nothing was applied"]))
        return 0
    with located.database(settings) as connection:
        summary = pack_store.apply(connection, taken)
        deed = Deed("pack", detail={"version": summary.version})
        admin_log.add_now(connection, located.clock_of(settings)(), COMMAND_LINE, deed)
        say("\n".join(summary.lines()))
    return 0


def export_pack(settings: Settings, given: argparse.Namespace) -> int:
    """The folder holds the registry as a district pack."""
    with located.database(settings) as connection:
        try:
            names = pack_store.export(connection, given.folder)
        except (ValueError, OSError) as error:
            raise Trouble(str(error)) from error
    say(f"{given.folder}: {', '.join(names)}")
    return 0
