"""Credentials are replaced by a marker before anything is written.

They are known by the name that they are given (`HF_TOKEN=...`, `--password ...`) or by their own form (a private key, a JSON
Web Token, a GitHub token, the password of a URL). A hash, a commit or a UUID has the form of no credential, so one is known
by its name only. Rather one value too many is hidden than one too few, but counts and switches stay: `max_tokens=512`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MARKER = "[redacted]"

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_STRONG = re.compile(
    r"passw(?:or)?d|passwort|passphrase|passcode|passwrd|secret(?!ar|ion|om|or|in|ag)|credential|connectionstring|accesspair"
    r"|(?:api|access|private|secret|auth|account|storage|encryption|encrypt|signing|signature|master|shared|client|consumer|deploy"
    r"|service|session|license|subscription|ssh|gpg|rsa|jwt|hmac|aes|app|admin|bot|write|wandb|openai|azure|aws|gcp|comet)keys?(?:id)?$"
)
_WEAK_LAST = re.compile(
    r"(?:.*token|auth|authorization|cookies?|creds?|jwt|otp|bearer|pass|pgpass|sshpass|dbpass|userpass|sig)$"
)
_QUALIFIED = re.compile(
    r"(?:api|access|auth|refresh|bearer|session|id)tokens$|(?:basic|docker|registry)authconfig$|xauthkey$"
)
_NOT_THE_VALUE = re.compile(
    "file|files|path|paths|dir|directory|stdin|prompt|policy|length|len|size|count|min|max|expiry|expires|ttl"
    "|timeout|type|mode|enabled|required|rotation|less|sock|socket|provider|backend|method|url|uri|endpoint|host"
    "|port|env|name|names|number"
)
_PLAIN_TOKENS = re.compile(
    "max|min|num|n|number|total|count|per|pad|eos|bos|unk|mask|cls|sep|special|stop|end|start|new|image|prompt"
    "|context|first|last|next|prev|previous|masked|padding|input|output|vocab|begin|of"
)
_PLAIN_PASSES = re.compile(
    "high|low|band|first|second|third|forward|backward|single|two|multi|one|render|test|n|num|all|by|max|min|last"
    "|per"
)
_PLAIN_KEYS = re.compile(
    "primary|foreign|sort|partition|cache|column|hash|index|group|public|dask|task|row|join|map|sort|dict|json|hot"
    "|compose|input|output|data|order|meta|metric|lookup|any|no"
)
_SWITCHES = re.compile("no|use|ask|skip|with|without|enable|disable|prompt|require|allow|show|hide")
_BOOLEAN = re.compile(r"(?i)(?:true|false|yes|no|on|off|none|null|nil|auto)?")
_NUMBER = re.compile(r"[+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(?:[eE][+-]?\d{1,3})?%?")
_REFERENCE = re.compile(r"\$(?:[A-Z_][A-Z0-9_]*|\{[A-Z_][A-Z0-9_]*\}|[0-9@*])")


def is_secret_name(name: str) -> bool:
    """Whether what has this name is a credential: `HF_TOKEN`, `db-password`, `apiKey`; not `max_tokens`, `PWD`, `KEYBOARD`."""
    return _strength(name) > 0


def redact_value(name: str, value: str) -> tuple[str, bool]:
    """The value without credentials, and whether there was one: by the name (then all is hidden), else by form."""
    if value == MARKER or _is_hidden(name, value):
        return MARKER, True
    clean = redact_text(value)
    return clean, clean != value


def redact_arguments(words: Sequence[str]) -> tuple[str, ...]:
    """The words of a command without credentials: those that follow or belong to a secret option, and by form."""
    clean: list[str] = []
    program = ""
    option = ""
    login = False
    for word in words:
        clean.append(_argument(word, option, program, login))
        option = word if word.startswith("-") else ""
        if not option:
            base = word.rpartition("/")[2]
            login = login or base == "login"
            program = base if base in _SHORT_OPTIONS else program
    return tuple(clean)


def redact_text(text: str) -> str:
    """The text without credentials wherever one is in it; the same object where there is none."""
    if not _is_suspect(text):
        return text
    for _ in range(8):
        clean = _redact_once(text)
        if clean == text:
            break
        text = clean
    return text


def _strength(name: str) -> int:
    """2 for a name that can only be a credential's, 1 for one whose numbers and switches are ordinary, 0 for any other."""
    if _NAME_HINT.search(name) is None:
        return 0
    words = [word.lower() for word in _WORDS.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    if not words or _NOT_THE_VALUE.fullmatch(words[-1]):
        return 0
    joined = "".join(words)
    if _STRONG.search(joined):
        return 2
    return 1 if _QUALIFIED.search(joined) or _is_weak(words, upper=name.isupper()) else 0


def _is_weak(words: list[str], *, upper: bool) -> bool:
    last = words[-1]
    before = words[-2] if len(words) > 1 else ""
    if last in ("pwd", "pw", "pat"):
        return before not in (
            "",
            "old",
            "singularity",
            "apptainer",
            "container",
            "pbs",
            "init",
            "job",
            "slurm",
        ) and (last != "pat" or upper)
    if last == "key":
        return upper and bool(before) and not _PLAIN_KEYS.fullmatch(before)
    if last == "sig" or _WEAK_LAST.match(last) is None:
        return False
    if last == "pass":
        return _PLAIN_PASSES.fullmatch(before) is None
    return not (last.endswith("token") and _PLAIN_TOKENS.fullmatch(before) is not None)


def _is_hidden(name: str, value: str) -> bool:
    strength = _strength(name)
    if strength == 0 or _BOOLEAN.fullmatch(value):
        return False
    return strength == 2 or _NUMBER.fullmatch(value) is None


def _argument(word: str, option: str, program: str, login: bool) -> str:
    if (
        option
        and not word.startswith("-")
        and "=" not in option
        and _is_secret_option(option)
        and _is_hidden(option, word)
    ):
        return MARKER
    name, equals, value = word.partition("=")
    if equals and _PLAIN_NAME.fullmatch(name) and not _REFERENCE.fullmatch(value) and _is_hidden(name, value):
        return f"{name}={MARKER}"
    return _short_option(word, option, program, login) or redact_text(word)


def _is_secret_option(option: str) -> bool:
    words = _WORDS.findall(option)
    return bool(words) and _SWITCHES.fullmatch(words[0].lower()) is None and is_secret_name(option)


def _short_option(word: str, option: str, program: str, login: bool) -> str | None:
    """The word where the program has a short option for its password; None where it is not of that."""
    letter, how = _SHORT_OPTIONS.get(program, ("", ""))
    if not letter or (how == "login" and not login) or word == MARKER:
        return None
    if option == letter and how != "attached":
        user, colon, _ = word.partition(":")
        return MARKER if how != "user" else f"{user}:{MARKER}" if colon else None
    attached = word.startswith(letter) and len(word) > len(letter) and not word.startswith("--")
    return letter + MARKER if attached and how in ("attached", "either") and word != letter + MARKER else None


_SHORT_OPTIONS = {
    "sshpass": ("-p", "either"),
    "mysql": ("-p", "attached"),
    "mysqldump": ("-p", "attached"),
    "mariadb": ("-p", "attached"),
    "mongosh": ("-p", "separate"),
    "twine": ("-p", "separate"),
    "docker": ("-p", "login"),
    "podman": ("-p", "login"),
    "helm": ("-p", "login"),
    "oc": ("-p", "login"),
    "az": ("-p", "login"),
    "redis-cli": ("-a", "separate"),
    "ldapsearch": ("-w", "separate"),
    "curl": ("-u", "user"),
    "zip": ("-P", "separate"),
    "unzip": ("-P", "separate"),
    "7z": ("-p", "attached"),
    "sqlcmd": ("-P", "separate"),
    "ipmitool": ("-P", "separate"),
    "mosquitto_pub": ("-P", "separate"),
}

_NAME_HINT = re.compile(
    r"[pP][aA][sS][sS]|[pP][wW][dD]?(?![a-zA-Z])|P[aA][tT](?![a-z])|_pat(?![a-z])|[sS][eE][cC][rR][eE][tT]|[tT][oO][kK][eE][nN]"
    r"|[kK][eE][yY](?:[sS](?![a-zA-Z])|_?[iI][dD]|(?![a-zA-Z]))|[cC][rR][eE][dD]|[aA][uU][tT][hH]|[cC][oO][oO][kK]|[jJ][wW][tT]"
    r"|[oO][tT][pP](?![a-zA-Z])|[bB][eE][aA][rR][eE][rR]|[cC][oO][nN][nN][eE][cC][tT][iI][oO][nN]|[sS][uU][bB][sS][cC][rR][iI][pP]|access_pair"
)
_PLAIN_NAME = re.compile(r"-{0,2}[\w.-]+")

# Where a token may begin: not inside a word, but after an escaped line end in quoted text.
_EDGE = r"(?:(?<![A-Za-z0-9_])|(?<=\\[nrt]))"
_FORMS = (
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
    _EDGE
    + "(?:"
    + "|".join(
        (
            r"eyJ[A-Za-z0-9_-]{6,}+\.[A-Za-z0-9_-]{6,}+\.[A-Za-z0-9_-]*+",
            r"eyJhcGlfYWRkcmVzcyI6[A-Za-z0-9+/=_-]++",
            r"(?:AKIA|ASIA|ABIA|ACCA(?![ACGTUN]{16}))[A-Z0-9]{16}(?![A-Za-z0-9])",
            r"AIza[A-Za-z0-9_-]{30,}+",
            r"ya29\.[A-Za-z0-9_.-]{20,}+",
            r"GOCSPX-[A-Za-z0-9_-]{20,}+",
            r"1//0[A-Za-z0-9_-]{30,}+",
            r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}",
            r"gh[pousr]_[A-Za-z0-9]{20,}+",
            r"github_pat_[A-Za-z0-9_]{20,}+",
            r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[A-Za-z0-9_.-]{18,}+",
            r"xox[abceoprs](?:-|\.xox[a-z]-)[A-Za-z0-9-]{10,}+",
            r"xapp-\d-[A-Za-z0-9-]{10,}+",
            r"hf_[A-Za-z0-9]{20,}+",
            r"api_org_[A-Za-z0-9]{20,}+",
            r"sk-(?:(?:proj|svcacct|admin|ant|or|None)-[A-Za-z0-9_-]{16,}+|[A-Za-z0-9]{20,}+)",
            r"[srp]k_(?:live|test)_[A-Za-z0-9]{10,}+",
            r"wandb_v1_[A-Za-z0-9_]{20,}+",
            r"local-[0-9a-f]{40}(?![0-9a-f])",
            r"pypi-(?:Ag[A-Za-z0-9_-]{14,}+|[A-Za-z0-9_-]{80,}+)",
            r"npm_[A-Za-z0-9]{30,}+",
            r"dckr_[po]at_[A-Za-z0-9_-]{20,}+",
            r"SG\.[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{16,}+",
            r"do[opr]_v1_[a-f0-9]{32,}+",
            r"dapi[a-f0-9]{32}(?:-\d)?",
            r"hv[sbr]\.[A-Za-z0-9_-]{20,}+",
            r"nvapi-[A-Za-z0-9_-]{20,}+",
            r"r8_[A-Za-z0-9]{30,}+",
            r"gsk_[A-Za-z0-9]{30,}+",
            r"AGE-SECRET-KEY-1[A-Z0-9]{20,}+",
            r"glsa_[A-Za-z0-9_]{20,}+",
            r"ATATT3[A-Za-z0-9_=-]{20,}+",
        )
    )
    + ")",
    r"(?<=hooks\.slack\.com/services/)[A-Za-z0-9/]{10,}+",
    r"(?<=/api/webhooks/)\d++/[A-Za-z0-9_-]{10,}+",
)
_FORM = re.compile("|".join(_FORMS))

# A value as shells, JSON and Python spell it; a bracket or comma is of it where more of it follows.
_BARE = r"""(?:[^\s"'&;|,<>)\]}\\`]|\\[^\s"']|,(?![\s"']|$|[\w.-]{1,64}=)|[)\]}](?=[^\s"'&;|,<>)\]}\\]))++"""
_QUOTED = r"""\\"(?:[^"\\\n]|\\[^"])++\\"|"(?:[^"\\]|\\[\s\S])++"|'[^']++'|\\?["'][^\s"']++"""
_VALUE = re.compile(rf"""\$\{{\w+\}}|(?!\\?["']?\[redacted\]){_QUOTED}|(?!\[redacted\]){_BARE}""")
_ASSIGNED = re.compile(r"""(?<![\w.-])([\w.-]{1,200}+)(\\?["']|\]|%5D)?[ \t]*+(=>|==?|:=|:)([ \t]*+)""")
_OPTION = re.compile(
    r"""(?:(?:(?<=[\s"'(=])|(?<![\s\S]))(--?[A-Za-z][\w.-]{1,200}+)|(?<![\w.-])(?:setenv|ENV)[ \t(]["']?([\w.-]{2,200}+))"""
    r"""(?:[ \t]++|\\?["'],[ \t]*+(?=\\?["']))(?!["']?-)"""
)
_WORDS_BETWEEN = r"[ \t](?:[^\n;|&]{0,200}?[ \t])?"
_HEADED = tuple(
    re.compile(rf"(?P<head>{head})(?!\[redacted\])(?P<value>{value})")
    for head, value in (
        (
            r"""(?i:(?<!\w)(?:proxy-)?authorization\\?["']?[ \t]*+[:=][ \t]*+\\?["']?(?:[a-z][\w-]{0,30}[ \t]++)?)""",
            r"""[^\s"'\\,;]++""",
        ),
        (r"(?i:(?<![\w-])bearer[ \t]++)", r"[\w.~+/=-]{20,}+"),
        (r"""(?<=://)(?!\d{1,5}[?#])[^\s/:@?#"'<>]*+:(?!\d{1,5}[?#])""", r"""[^\s/"'<>]+(?=@)"""),
        (r"(?<=http://)|(?<=https://)", r"[A-Za-z0-9_-]{20,255}+(?=@)"),
        (
            r"""https?://[^\s/"'<>@]{1,255}+/(?:[^\s/"'<>]{1,255}+/){0,3}?t/|anaconda\.(?:org|cloud|com)/t/""",
            r"[\w-]{6,}+(?=/)",
        ),
        (r"[?&;](?i:sig|(?:x-(?:amz|goog)-)?(?:signature|credential))=", r"""[^\s&;#"'<>]++"""),
        (r"\blogin[ \t]++\S{1,200}+[ \t]++password[ \t]++", r"\S++"),
        (r"(?<!\S)pass:", r"""[^\s"']++"""),
        (r"\bwandb[ \t]++login[ \t]++(?:--relogin[ \t]++)?", r"[0-9a-f]{40}\b"),
        (
            r"\b(?:sshpass|mongo(?:sh)?|twine upload|(?:docker|podman|helm|oras|oc|az)(?: registry)? login)"
            + _WORDS_BETWEEN
            + r"-p[ \t=]",
            _BARE,
        ),
        (r"\b(?:sshpass|mysql|mysqldump|mysqladmin|mariadb|7z)" + _WORDS_BETWEEN + "-p", r"""[^\s"'&;|]++"""),
        (r"\bredis-cli" + _WORDS_BETWEEN + r"-a[ \t]++", _BARE),
        (
            r"\bcurl" + _WORDS_BETWEEN + r"(?:-u|--user|-U|--proxy-user)[ \t=]?[\"']?[^\s:\"']{0,100}:",
            r"""[^\s"']++""",
        ),
    )
)


def _redact_once(text: str) -> str:
    text = _FORM.sub(MARKER, text)
    for pattern in _HEADED:
        text = pattern.sub(rf"\g<head>{MARKER}", text)
    return _redact_named(_OPTION, _redact_named(_ASSIGNED, text))


def _redact_named(pattern: re.Pattern[str], text: str) -> str:
    """The text without the values that follow a secret name; one pass, however many names there are."""
    parts: list[str] = []
    done = 0
    found = pattern.search(text)
    while found is not None:
        end = found.end()
        value = _VALUE.match(text, end) if _names_secret(pattern, found) else None
        if value is not None and _is_shown_value(_name_of(found), value[0]) is False:
            parts += text[done:end], _marked(value[0])
            done = end = value.end()
        found = pattern.search(text, end)
    return "".join((*parts, text[done:])) if parts else text


def _name_of(found: re.Match[str]) -> str:
    return found[1] or found[2]


def _names_secret(pattern: re.Pattern[str], found: re.Match[str]) -> bool:
    name = _name_of(found)
    if pattern is _OPTION:
        return _is_secret_option(name)
    unspaced = found[3] == ":" and not found[4] and found[2] is None
    return _strength(name) > (1 if unspaced else 0)


def _is_shown_value(name: str, value: str) -> bool:
    plain = value.strip("\\\"'")
    return not plain or _REFERENCE.fullmatch(plain) is not None or not _is_hidden(name, plain)


def _marked(value: str) -> str:
    """The marker within the quotes of the value."""
    start = re.match(r"""\\?["']|""", value)
    opening = start[0] if start else ""
    return (
        opening
        + MARKER
        + (opening if opening and len(value) > len(opening) and value.endswith(opening) else "")
    )


# The next three decide for every text of a graph: chains of plain searches take a tenth of what one expression would.


def _is_suspect(text: str) -> bool:
    if len(text) < 4:
        return False
    if ("=" in text or ":" in text or " " in text or '"' in text) and _may_name(text, text.lower()):
        return True
    if "@" in text and "://" in text:
        return True
    return len(text) > 15 and (
        _may_be_token(text)
        or ("/t/" in text and ("://" in text or "anaconda." in text))
        or ("/webhooks/" in text or "hooks.slack" in text)
    )


def _may_name(text: str, lower: str) -> bool:
    return (
        "pass" in lower
        or "token" in lower
        or "key" in lower
        or "secret" in lower
        or "auth" in lower
        or "cred" in lower
        or "pw" in lower
        or "sig" in lower
        or "jwt" in lower
        or "cook" in lower
        or "otp" in lower
        or "bearer" in lower
        or "wandb" in lower
        or "_PAT" in text
        or (" -" in text and _PROGRAM.search(text) is not None)
    )


def _may_be_token(text: str) -> bool:
    return (
        "eyJ" in text
        or "PRIVATE KEY" in text
        or ("A" in text and _LETTER_A.search(text) is not None)
        or ("_" in text and _UNDERSCORE.search(text) is not None)
        or ("-" in text and _HYPHEN.search(text) is not None)
        or (
            "." in text
            and ("ya29." in text or "SG." in text or "hvs." in text or "hvb." in text or "hvr." in text)
        )
        or "1//0" in text
        or "Q~" in text
        or "dapi" in text
    )


_PROGRAM = re.compile(r"mysql|mariadb|mongo|7z|redis|curl|twine|login")
_LETTER_A = re.compile(r"A(?:(?:KI|SI|BI|CC)A|Iza|GE-S|TATT3)")
_UNDERSCORE = re.compile(r"_(?<=hf_|h[pousr]_|at_|rg_|ve_|st_|v1_|pm_|r8_|sk_|sa_)[A-Za-z0-9]{10}")
_HYPHEN = re.compile(
    r"-(?:(?<=\bsk-)|(?<=SPX-|ox[abceoprs]-|api-|ypi-|cal-|pat-|cbt-|ptt-|imt-|oas-|l[drf]t-|ent-|oat-|fct-|p-\d-))[A-Za-z0-9_.-]{10}"
)
