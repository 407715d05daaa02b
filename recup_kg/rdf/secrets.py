"""The last gate before anything is written: what looks like a credential becomes a marker.

Converters know the names of their variables and options, and redact by them; here only the text itself and the names inside
JSON are known.
"""

from __future__ import annotations

import json
from typing import Any

from recup_kg.redaction import redact_arguments, redact_text, redact_value


def json_without_secrets(text: str) -> str:
    """JSON text with a marker in the place of credentials in its strings, by form and by the names of members; else as it was."""
    try:
        value = json.loads(text)
    except ValueError:
        return redact_text(text)
    clean = _clean(value)
    return text if clean == value else json.dumps(clean, ensure_ascii=False)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            return list(redact_arguments(value))
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {name: _member(name, item) for name, item in value.items()}
    return value


def _member(name: str, value: Any) -> Any:
    return redact_value(name, value)[0] if isinstance(value, str) else _clean(value)
