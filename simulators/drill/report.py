"""The score on paper: report.json for programs, report.html for people, self-contained and fit to print."""

import json
import math
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from simulators.drill import chinese

WIDTH = 260
"""Pixels of the time line in the table."""

STYLE = """
body{font:15px/1.45 "Noto Sans CJK SC","Microsoft YaHei","PingFang SC",system-ui,sans-serif;color:#1a1f24;
 max-width:1000px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0 0 .2rem}h2{font-size:1.1rem;margin:1.8rem 0 .5rem}
.drill{display:inline-block;background:#6a3fb5;color:#fff;border-radius:.3rem;padding:0 .5rem;margin-right:.5rem}
.ok{color:#17753a}.bad{color:#b3261e;font-weight:600}
dl{display:grid;grid-template-columns:9rem 1fr;gap:.15rem .8rem;margin:.8rem 0}dt{color:#5d6670}dd{margin:0}
table{border-collapse:collapse;width:100%}th{text-align:left;color:#5d6670;font-weight:500}
th,td{padding:.28rem .5rem;border-bottom:1px solid #e2e6ea;vertical-align:middle}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
svg{display:block}small{display:block;color:#5d6670}td:nth-child(2),td:nth-child(3){min-width:9rem}
@media print{body{margin:0;font-size:11px}tr{break-inside:avoid}}
"""


def write(folder: Path, result: Mapping[str, Any]) -> None:
    """`folder` holds report.json and report.html of this drill."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "report.html").write_text(page(result), encoding="utf-8")


def page(result: Mapping[str, Any]) -> str:
    """The report as one HTML document that needs nothing else."""
    place = result["place"] or {}
    passed = result["passed"]
    verdict = '<span class="ok">合格 passed</span>' if passed else '<span class="bad">不合格 failed</span>'
    title = escape(" · ".join(result.get("title") or [result["scenario"]]))
    facts = {
        "地点 Place": f"{place.get('name')} ({place.get('code')}), {place.get('address')}",
        "网格 Grids": " < ".join(grid["name"] for grid in result["grid"]),
        "起火 Burning": _device(result["sensor"]),
        "相邻 Next to it": _device(result["neighbour"]),
        "开始 Began": result["began"],
        "场景 Scenario": f"{result['scenario']}, seed {result['seed']}",
    }
    return (
        '<!doctype html><html lang="zh"><head><meta charset="utf-8">'
        f"<title>{escape(result['drill'])} {escape(result['scenario'])}</title><style>{STYLE}</style></head><body>"
        f'<h1><span class="drill">演练</span>{title} {escape(result["drill"])}: {verdict}</h1>'
        f"<dl>{''.join(f'<dt>{escape(key)}</dt><dd>{escape(str(value))}</dd>' for key, value in facts.items())}</dl>"
        f"<h2>步骤 Steps</h2>{_steps(result['steps'])}{_trouble(result['trouble'])}"
        f"<h2>指令 Orders</h2>{_orders(result)}"
        f"<h2>台账 Ledger</h2>{_timeline(result['incident'])}"
        "</body></html>\n"
    )


def _device(device: Mapping[str, Any] | None) -> str:
    return "" if device is None else f"{device['code']}, {device['floor']}F {device['room']}"


def _steps(steps: list[Mapping[str, Any]]) -> str:
    """A table with a time line, as it happened: each bar runs from the step before to the step itself."""
    longest = max((step["at_ms"] or 0 for step in steps), default=0) or 1
    rows = []
    for step in sorted(steps, key=lambda step: math.inf if step["at_ms"] is None else step["at_ms"]):
        at, took, limit = step["at_ms"], step["took_ms"], step["within_ms"]
        mark = '<span class="ok">✓</span>' if step["ok"] else '<span class="bad">✗</span>'
        bar = "" if at is None else _bar(at - (took or 0), at, longest, ok=step["ok"])
        reached = _ms(at) or "未到 missing"
        rows.append(
            f"<tr><td>{mark}</td><td>{_both(step['step'])}</td><td>{escape(step['who'])}</td>"
            f'<td class="n">{reached}</td><td class="n">{_ms(took)}</td><td class="n">{_ms(limit)}</td>'
            f"<td>{bar}</td></tr>"
        )
    names = ("", "步骤 Step", "对象 Who", "起火后 ms", "用时 took", "限值 limit", "")
    head = "".join(f"<th>{name}</th>" for name in names)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _both(name: str) -> str:
    said = chinese.step(name)
    return f"{said} <small>{escape(name)}</small>" if said else escape(name)


def _bar(start: float, end: float, longest: float, *, ok: bool) -> str:
    left, right = WIDTH * start / longest, WIDTH * end / longest
    colour = "#6a3fb5" if ok else "#b3261e"
    return (
        f'<svg width="{WIDTH}" height="10" aria-hidden="true">'
        f'<rect width="{WIDTH}" height="10" fill="#f0f2f4"/>'
        f'<rect x="{left:.1f}" width="{max(right - left, 2):.1f}" height="10" fill="{colour}"/></svg>'
    )


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _trouble(texts: list[str]) -> str:
    return "" if not texts else f"<ul>{''.join(f'<li class=bad>{escape(text)}</li>' for text in texts)}</ul>"


def _orders(result: Mapping[str, Any]) -> str:
    rows = []
    for order in (result["incident"] or {}).get("orders", []):
        who = result["names"].get(order["recipient"], order["recipient"])
        cells = (order["id"], order["kind"], who, order["reason"], order["eta_s"], order["eta_method"], order["state"])
        rows.append("<tr>" + "".join(f"<td>{escape(str(cell or ''))}</td>" for cell in cells) + "</tr>")
    head = "".join(
        f"<th>{name}</th>"
        for name in ("编号 Order", "类别 Kind", "对象 To", "原因 Reason", "预计 ETA s", "依据 by", "状态 State")
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _timeline(incident: Mapping[str, Any] | None) -> str:
    """What FireGrid itself wrote down about the incident: number, time, kind, and what it changed."""
    rows = []
    for entry in (incident or {}).get("timeline") or []:
        facts = "; ".join(_fact(fact) for fact in entry.get("facts") or [])
        cells = (entry.get("n", ""), str(entry.get("at", ""))[11:23], entry.get("kind", ""), facts)
        rows.append("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells) + "</tr>")
    return f"<table><tbody>{''.join(rows)}</tbody></table>" if rows else "<p>none</p>"


def _fact(fact: Mapping[str, Any]) -> str:
    """The fact's name and the codes that tell it from others."""
    told = ("alarm", "incident", "order", "recipient", "device", "event", "state", "reason", "verdict", "verification")
    codes = [str(fact[key]) for key in told if isinstance(fact.get(key), str)]
    return " ".join([str(fact.get("fact", "")).replace("_", " "), *codes])
