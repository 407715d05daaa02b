"""Credentials are hidden, by name and by form; ordinary values are not touched."""

from __future__ import annotations

import itertools
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.redaction import MARKER, is_secret_name, redact_arguments, redact_text, redact_value

# No real credential: letters that no form requires.
S = "S3NT1NELhunter2Xyz"
HEX = "0123456789abcdef" * 2

HIDDEN = [
    f"HF_TOKEN={S}",
    f"export DB_PASSWORD='{S} x'",
    f"--password {S}",
    f"--password={S}",
    f'--token "{S}" --x',
    f"x --args=--token={S}",
    f"--api-key {S}",
    f"--export=ALL,HF_TOKEN={S},A=b",
    f"-Djavax.keyStorePassword={S}",
    f"postgres://user:{S}@host/db",
    f"redis://:{S}@host",
    f"https://{S}aa@sentry.io/1",
    f"Authorization: Bearer {S}",
    f'curl -H "Authorization: Bearer {S}" u',
    f"https://h/x?token={S}&a=1",
    f"https://h/x?a=1&X-Amz-Signature={S}",
    f"https://h?sig={S}",
    f"SharedAccessSignature sr=x&sig={S}&se=1",
    f"https://conda.anaconda.org/t/{S}/main",
    f'{{"password": "{S}"}}',
    f'{{"a": "export TOKEN=\\"{S}\\""}}',
    f'["--password", "{S}"]',
    f'["--password","{S}"]',
    f"mysql -p{S} db",
    f"sshpass -p {S} ssh x",
    f"docker login -u a -p {S} reg",
    f"curl -u me:{S} http",
    f"openssl x -passin pass:{S}",
    f"setenv HF_TOKEN {S}",
    f"machine h login u password {S}",
    f"AccountKey={S}==;End",
    f"aws_secret_access_key = {S}",
    f"password:{S}",
    f"api_key: {S}",
    f"api_key={S}",
    f'TOKEN="{S}',
    f"X-Auth-Token: {S}",
    f"_auth={S}",
    f"//registry.npmjs.org/:_authToken={S}",
    f"GH_PAT={S}",
    f"SLURM_JWT={S}",
    f"MYSQL_PWD={S}",
    f"PGPASSWORD={S} psql",
    f"Cookie: session={S}",
    f"-----BEGIN RSA PRIVATE KEY-----\n{S}\n-----END RSA PRIVATE KEY-----",
    f"-----BEGIN OPENSSH PRIVATE KEY-----\n{S}",
    f"ghp_{S}abcdefgh0123456789",
    f"github_pat_{S}abcdefgh0123456789",
    f"glpat-{S}ab",
    f"glrt-{S}ab",
    f"xoxb-123-{S}",
    f"hf_{S}abcdef",
    f"sk-{S}abcdef",
    f"sk-proj-{S}-abcdef",
    f"sk-ant-{S}-abcdef",
    f"pypi-AgEI{S}",
    f"npm_{S}abcdefghijklmn0123",
    f"dckr_pat_{S}abc",
    f"AIza{S}abcdefghijklmnopqrst",
    f"GOCSPX-{S}abcd",
    f"hvs.{S}abcdef",
    f"eyJhbGciOi.eyJzdWIiOi{S}.{S}",
    f"path \\neyJhbGciOi.eyJzdWIiOi{S}.{S}",
]
WHOLE = [
    ("AKIAIOSFODNN7EXAMPLE", MARKER),
    (f"dapi{HEX}", MARKER),
    (f"WANDB_API_KEY={HEX}01234567", f"WANDB_API_KEY={MARKER}"),
    (f"wandb login {HEX}01234567", f"wandb login {MARKER}"),
    ("DB_PASSWORD=123456", f"DB_PASSWORD={MARKER}"),
    ("a://u:p@h", f"a://u:{MARKER}@h"),
]
KEPT = [
    "sha256:" + "ab" * 32,
    "d41d8cd98f00b204e9800998ecf8427e",
    "550e8400-e29b-41d4-a716-446655440000",
    "('read-csv-0123456789abcdef0123456789abcdef', 5)",
    "task-0123456789abcdef0123456789abcdef",
    "/global/u/t/some-directory/file_0001.h5",
    "pkg:pypi/tokenizers@0.15.2",
    "pkg:conda/numpy@1.2?build=py_0&channel=main",
    "TOKENIZERS_PARALLELISM=false",
    "KEYBOARD=us",
    "--key-columns=3",
    "monkey=1",
    "PASS=3 FAIL=0",
    "tokens=512",
    "max_tokens=512",
    "max_new_tokens: 5",
    "n_keys=3",
    "PWD=/home/u",
    "OLDPWD=/x",
    "XAUTHORITY=/run/x",
    "http://localhost:8787/status",
    "tcp://10.0.0.1:8786",
    "git+https://git@github.com/x/y.git@0123456789abcdef0123456789abcdef01234567",
    "ssh://git@github.com:22/x",
    "git@github.com:org/repo.git",
    "mkdir -p /scratch/x",
    "srun -p debug -n 4 ./a.out",
    "docker run -p 8080:80 image",
    "ACCAGGTACGTTACGTACGT",
    "eos_token='</s>'",
    "--pad-token <pad>",
    "secretion: high",
    "author: Jane Doe",
    "low_pass=0.5",
    "token_count: 12",
    "auth: none",
    "hf_hub_download",
    "sk-learn",
    "npm_config_cache=/x",
    "primary_key=id",
    "--no-password x",
    "--password-file /run/x",
    "s3://bucket/key=1/part",
    "API_KEY=$API_KEY",
    "--token ${HF_TOKEN}",
    "file:///a/b@c",
    "use key = value",
    "PATH=/usr/bin:/bin",
    "password is required",
    "tests_passed: 3",
    "bypass=yes",
    "HOSTNAME=nid00012",
    "",
    "x",
]
SEEDS = [
    *(
        "-----BEGIN RSA PRIVATE KEY-----",
        "eyJ",
        "eyJaaaaaaa.",
        "token=",
        "--token ",
        "a=b=token:",
        "http://u:",
        "://a:@",
        "://a/t/",
    ),
    *(
        "mysql -",
        "curl -u ",
        "login x password ",
        'token="',
        "token='",
        'token=\\"',
        "Authorization: ",
        "bearer ",
        "?sig=",
        "_",
        "-",
    ),
    *("token=,a", "token=)a", "[redacted]", "https://a/t/", "xoxb-", "setenv "),
]


@pytest.mark.parametrize("text", HIDDEN, ids=range(len(HIDDEN)))
def test_a_credential_is_hidden(text: str) -> None:
    clean = redact_text(text)
    assert S not in clean
    assert MARKER in clean
    assert redact_text(clean) == clean
    assert S not in redact_text(f"before {text}")


@pytest.mark.parametrize(("text", "expected"), WHOLE)
def test_what_is_left(text: str, expected: str) -> None:
    assert redact_text(text) == expected


@pytest.mark.parametrize("text", KEPT)
def test_an_ordinary_value_is_the_same_object(text: str) -> None:
    assert redact_text(text) == text
    assert len(text) > 8 or redact_text(text) is text


@pytest.mark.parametrize(
    "name",
    [
        *(
            "HF_TOKEN",
            "db-password",
            "apiKey",
            "APIKey",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_ACCESS_KEY_ID",
            "AZURE_CLIENT_SECRET",
            "GH_PAT",
        ),
        *(
            "OPENAI_KEY",
            "passphrase",
            "X-Auth-Token",
            "Set-Cookie",
            "TWINE_PASSWORD",
            "OPENAI_API_KEY_1",
            "--token",
            "credentials",
        ),
    ],
)
def test_a_secret_name(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "PWD",
            "OLDPWD",
            "PATH",
            "max_tokens",
            "tokens",
            "KEYBOARD",
            "primary_key",
            "n_keys",
            "TOKENIZERS_PARALLELISM",
            "key",
            "author",
        ),
        *(
            "eos_token",
            "password_file",
            "SSH_AUTH_SOCK",
            "monkey",
            "secretary",
            "pattern",
            "HISTSIZE",
            "LS_COLORS",
            "bypass",
        ),
    ],
)
def test_an_ordinary_name(name: str) -> None:
    assert not is_secret_name(name)


def test_values_by_name_and_by_form() -> None:
    assert redact_value("HF_TOKEN", "abc") == (MARKER, True)
    assert redact_value("DATABASE_URL", "mysql://u:pw@h/d") == (f"mysql://u:{MARKER}@h/d", True)
    assert redact_value("token", "512") == ("512", False)
    assert redact_value("password", "512") == (MARKER, True)
    assert redact_value("use_auth", "true") == ("true", False)
    assert redact_value("HOME", "/home/u") == ("/home/u", False)
    assert redact_value("HF_TOKEN", MARKER) == (MARKER, True)


def test_arguments() -> None:
    words = (
        "x",
        "--password",
        "a b",
        "--token=c",
        "-n",
        "4",
        "--max-tokens",
        "5",
        "sshpass",
        "-p",
        "pw",
        "-p8",
        "curl",
        "-u",
        "me:pw",
    )
    assert redact_arguments(words) == (
        *(
            "x",
            "--password",
            MARKER,
            f"--token={MARKER}",
            "-n",
            "4",
            "--max-tokens",
            "5",
            "sshpass",
            "-p",
            MARKER,
        ),
        *(f"-p{MARKER}", "curl", "-u", f"me:{MARKER}"),
    )
    assert redact_arguments(("srun", "-p", "debug")) == ("srun", "-p", "debug")
    assert redact_arguments(("docker", "run", "-p", "8080:80")) == ("docker", "run", "-p", "8080:80")
    assert redact_arguments(("docker", "login", "-p", S)) == ("docker", "login", "-p", MARKER)


@given(st.text(max_size=80), st.text(max_size=80))
def test_idempotent_and_never_raises(start: str, end: str) -> None:
    for middle in ("", " --password x ", "TOKEN=", "://u:p@", '"secret": "'):
        clean = redact_text(start + middle + end)
        assert redact_text(clean) == clean


@given(st.lists(st.text(max_size=20), max_size=8))
def test_arguments_stay_as_many(words: list[str]) -> None:
    clean = redact_arguments(words)
    assert len(clean) == len(words)
    assert redact_arguments(clean) == clean


@given(
    st.from_regex(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}", fullmatch=True
    )
)
def test_hashes_stay(value: str) -> None:
    for text in (value, f"('sum-{value}', 3)", f"sha256:{value}", f"/data/{value}/x"):
        assert redact_text(text) == text


def test_time_grows_with_length_only() -> None:
    def needed(seed: str, length: int) -> float:
        text = (seed * (length // len(seed) + 1))[:length]
        start = time.process_time()
        redact_text(text)
        return time.process_time() - start

    pairs = [a + b for a, b in itertools.product(SEEDS[:12], SEEDS[:12])]
    slow = {seed: needed(seed, 60_000) for seed in [*SEEDS, *pairs]}
    # Quadratic ones take minutes.
    assert {seed: taken for seed, taken in slow.items() if taken > 3} == {}


def test_marker_is_no_secret_itself() -> None:
    assert re.fullmatch(r"\[\w+\]", MARKER)
    assert redact_text(f"TOKEN={MARKER}") == f"TOKEN={MARKER}"
