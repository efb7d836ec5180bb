"""The OpenAPI document as one plain page: no script, no request to any other server."""

import json
from html import escape
from typing import Any

_METHODS = ("get", "post", "put", "delete")

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a2430;background:#fff}
h2{margin-top:2.5rem;border-bottom:1px solid #ccd}details{border:1px solid #dde;border-radius:6px;margin:.5rem 0}
summary{cursor:pointer;padding:.5rem .8rem}details>div{padding:0 .8rem .8rem}
code,pre{font:14px/1.4 ui-monospace,monospace}
pre{background:#f4f6f9;padding:.6rem;overflow:auto}b.method{display:inline-block;width:4.5em;color:#0a5}
b.put,b.post{color:#06c}b.delete{color:#b00}table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;
text-align:left;vertical-align:top}
"""


def page(document: dict[str, Any]) -> str:
    """The document as HTML: every address with its parameters, body and answers, by tag."""
    info = document["info"]
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width'>",
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>{_prose(info.get('description', ''))}",
        "<p>For programs: <a href='/api/openapi.json'>/api/openapi.json</a></p>",
    ]
    for tag, operations in _by_tag(document).items():
        parts.append(f"<h2>{escape(tag)}</h2>")
        parts += [_operation(document, *operation) for operation in operations]
    parts.append("</body></html>")
    return "".join(parts)


def _by_tag(document: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    tags: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                tag = (item[method].get("tags") or ["other"])[0]
                tags.setdefault(tag, []).append((path, method, item[method]))
    return tags


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> str:
    inside = [_prose(operation.get("description", ""))]
    if parameters := operation.get("parameters"):
        rows = "".join(
            f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}</td>"
            f"<td>{escape(_type(one.get('schema', {})))}</td><td>{escape(one.get('description', ''))}</td></tr>"
            for one in parameters
        )
        inside.append(f"<table><tr><th>parameter</th><th>in</th><th>type</th><th></th></tr>{rows}</table>")
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body is not None:
        inside.append(f"<p>Body</p>{_schema(document, body)}")
    for status, answer in operation.get("responses", {}).items():
        content: dict[str, Any] = next(iter(answer.get("content", {}).values()), {})
        schema = content.get("schema")
        inside.append(f"<p>{escape(status)} {escape(answer.get('description', ''))}</p>")
        if schema and not status.startswith(("4", "5")):
            inside.append(_schema(document, schema))
    head = f"<b class='method {method}'>{method.upper()}</b> <code>{escape(path)}</code>"
    return f"<details><summary>{head}</summary><div>{''.join(inside)}</div></details>"


def _schema(document: dict[str, Any], schema: dict[str, Any]) -> str:
    name = schema.get("$ref", "").rpartition("/")[2]
    found = document.get("components", {}).get("schemas", {}).get(name, schema)
    return f"<pre>{escape(json.dumps(found, ensure_ascii=False, indent=2))}</pre>"


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    return str(schema.get("type", schema.get("$ref", "").rpartition("/")[2]))


def _prose(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n") if part)
