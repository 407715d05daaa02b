"""Broken lists of software: one line that says which file, where, what is wrong, what to do. And no credential gets through."""

from __future__ import annotations

import json
import re
import string
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.converters.packages import channel_name, safe_text
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Package
from recup_kg.rdf.evidence import evidence_graph
from tests.converters import test_software_forms as forms
from tests.converters import test_software_real as real

CUT = "the file is cut off or damaged: export it again"
BROKEN: dict[str, tuple[str, str, str]] = {
    "freeze-word": (
        "pip_freeze",
        "a==1\nnot a requirement\n",
        "line 2: no requirement as pip spells it; correct the line, or make the list again: pip freeze",
    ),
    "freeze-option": (
        "pip_freeze",
        "a==1\n--unknown x\n",
        "line 2: neither a requirement nor an option of pip; correct the line, or make the list again: pip freeze",
    ),
    "freeze-editable": (
        "pip_freeze",
        "-e\n",
        "line 1: an option of pip without its value; correct the line, or make the list again: pip freeze",
    ),
    "freeze-none": ("pip_freeze", "# nothing\n", "no requirement in it; make the list again: pip freeze"),
    "pip-list-head": (
        "pip_list",
        "Name  Version\n",
        "line 1: no table of pip list; make the list again: pip list --format json",
    ),
    "pip-list-row": (
        "pip_list",
        "Package Version\n------- -------\nalpha\n",
        "line 3: no row of the table; make the list again: pip list --format json",
    ),
    "pip-list-json": (
        "pip_list",
        '[{"name": "a", "version": 1}]',
        "$[0].version: not a text but a number; export it again",
    ),
    "pip-list-cut": (
        "pip_list",
        '[{"name": "a", "version": "1"},',
        f"line 1 column 32: not JSON: Expecting value; {CUT}",
    ),
    "inspect-version": (
        "pip_inspect",
        '{"version": "2"}',
        "$.version: version '2', not '1'; only version 1 is known",
    ),
    "inspect-metadata": (
        "pip_inspect",
        '{"version": "1", "installed": [{}]}',
        "$.installed[0].metadata: not a mapping but nothing; export it again",
    ),
    "inspect-list": (
        "pip_inspect",
        '{"version": "1", "installed": {}}',
        "$.installed: not a list but a mapping; export it again",
    ),
    "conda-row": (
        "conda_list",
        "# packages in environment at /x:\nzlib\n",
        "line 2: no row of the table; make the list again: conda list --json",
    ),
    "conda-json": ("conda_list", '[{"version": "1"}]', "$[0].name: not a text but nothing; export it again"),
    "conda-export": (
        "conda_list",
        "# This file may be used to create an environment using:\nzlib\n",
        "line 2: not name=version=build; make the list again: conda list --export",
    ),
    "explicit-url": (
        "conda_explicit",
        "@EXPLICIT\nhttps://x/y.zip\n",
        "line 2: no URL of a conda package; make the list again: conda list --explicit --md5",
    ),
    "explicit-hash": (
        "conda_explicit",
        "@EXPLICIT\nhttps://x/c/linux-64/a-1-0.conda#zz\n",
        "line 2: neither MD5 nor SHA-256 after the #; make the list again: conda list --explicit --md5",
    ),
    "yml-yaml": (
        "conda_environment",
        "name: [\n",
        "line 2: not YAML: did not find expected node content; correct it there",
    ),
    "yml-deep": (
        "conda_environment",
        "dependencies: " + "[" * 100_000,
        "nested more than 500 deep; check what is in it",
    ),
    "yml-indented": (
        "conda_environment",
        "dependencies:\n" + "- " * 60_000 + "x",
        "nested more than 500 deep; check what is in it",
    ),
    "yml-aliases": (
        "spack",
        "spack:\n  a: &a [x]\n  "
        + "\n  ".join(f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in pairwise("abcdefgh")),
        "its aliases stand for more than 1000000 values; write it without aliases",
    ),
    "yml-recursion": (
        "conda_environment",
        "dependencies: &a [*a]\n",
        "its aliases stand for more than 1000000 values; write it without aliases",
    ),
    "yml-list": (
        "conda_environment",
        "dependencies: numpy\n",
        "dependencies: not a list but a text; export it again",
    ),
    "yml-spec": (
        "conda_environment",
        "dependencies: ['!a']\n",
        "dependencies[0]: no spec of a conda package; write name, or name>=version",
    ),
    "yml-type": (
        "conda_environment",
        "dependencies: [[a]]\n",
        "dependencies[0]: not a text; write it as environment.yml has it",
    ),
    "yml-pip": (
        "conda_environment",
        "dependencies: [{pip: ['a b']}]\n",
        "dependencies[0].pip[0]: no requirement as pip spells it; correct the line",
    ),
    "lock-version": (
        "conda_lock",
        "version: 2\nmetadata: {}\npackage: []\n",
        "version: version 2, not 1; only version 1 is known",
    ),
    "lock-package": (
        "conda_lock",
        "version: 1\nmetadata: {}\npackage: [{name: a}]\n",
        "package[0].version: not a text but nothing; export it again",
    ),
    "spack-none": (
        "spack",
        "nothing\n",
        "nothing that spack lists; name spack.yaml, spack.lock or the output of spack find",
    ),
    "spack-spec": (
        "spack",
        "spack:\n  specs: ['a b c']\n",
        "spack.specs[0]: no spec of spack from character 2 on; write it as spack spec takes it",
    ),
    "spack-type": (
        "spack",
        "spack:\n  specs: [[a]]\n",
        "spack.specs[0]: no spec; write it as spack spec takes it",
    ),
    "spack-lock": (
        "spack",
        '{"_meta": {"file-type": "spack-lockfile", "lockfile-version": 99}}',
        "$._meta.lockfile-version: lock file version 99; 1 to 6 are known",
    ),
    "spack-roots": (
        "spack",
        '{"_meta": {"file-type": "spack-lockfile", "lockfile-version": 5}, "roots": [{}], "concrete_specs": {}}',
        "$.roots[0].hash: not a text but nothing; export it again",
    ),
    "module-head": (
        "module_list",
        "gcc\n",
        "line 1: no heading of module list; run module list again, with 2>&1",
    ),
    "module-line": (
        "module_list",
        "Currently Loaded Modules:\n? what\n",
        "line 2: no module; save the output of module list alone",
    ),
    "module-none": (
        "module_list",
        "Currently Loaded Modules:\n",
        "no module below the heading; run module list again, with 2>&1",
    ),
    "bom-xml": ("cyclonedx", "<bom", f"not XML: unclosed token: line 1, column 0; {CUT}"),
    "bom-entity": (
        "cyclonedx",
        "<!DOCTYPE a><bom/>",
        "a document type in a bill of materials; remove its <!DOCTYPE>",
    ),
    "bom-root": ("cyclonedx", "<bom/>", "the root: no bom element of CycloneDX; export it again"),
    "bom-name": (
        "cyclonedx",
        '{"components": [{}]}',
        "$.components[0].name: not a text but nothing; export it again",
    ),
    "spdx-tag": (
        "spdx",
        "SPDXVersion: SPDX-2.3\nwhat is this\n",
        "line 2: no tag with a value; export it again",
    ),
    "spdx-text": (
        "spdx",
        "SPDXVersion: SPDX-2.3\nComment: <text>a\nb\n",
        "line 2: <text> without </text>; the file is cut off: export it again",
    ),
    "spdx-relation": (
        "spdx",
        "SPDXVersion: SPDX-2.3\nRelationship: a b\n",
        "line 2: not a relationship of two elements; export it again",
    ),
    "spdx-id": (
        "spdx",
        '{"packages": [{"name": "a"}]}',
        "$.packages[0].SPDXID: not a text but nothing; export it again",
    ),
    "docker-none": ("docker_inspect", "[]", "no image or container in it; inspect one by its name"),
    "docker-env": (
        "docker_inspect",
        '[{"Id": "a", "Config": {"Env": 1}, "State": {}}]',
        "$[0].Config.Env: not a list of texts; inspect it again",
    ),
    "docker-row": (
        "docker_inspect",
        "REPOSITORY   TAG   DIGEST   IMAGE ID   CREATED   SIZE\npython\n",
        "line 2: no row of the table; list the images again",
    ),
    "label": ("apptainer_inspect", "no label\n", "line 1: no label; inspect the image with --json"),
    "attributes": (
        "apptainer_inspect",
        '{"data": {}}',
        "$.data.attributes: not a mapping but nothing; export it again",
    ),
    "block": (
        "print_info",
        "nothing\n",
        "no block of print_info in it; it begins with System_Info: or Hyperparameters:",
    ),
    "docker-table": (
        "docker_inspect",
        "what\n",
        "line 1: no table of docker image ls; run docker image ls --digests again",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_said_in_one_line(case: str, tmp_path: Path) -> None:
    module, text, message = BROKEN[case]
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(MalformedSource) as caught:
        import_module(f"recup_kg.converters.{module}").read(path)
    assert str(caught.value) in (f"{path}: {message}",)


def test_every_converter_has_a_broken_file() -> None:
    assert {module for module, _, _ in BROKEN.values()} == set(real.MODULES)


SECRET = "s3ntinelValue42"
URL = f"https://user:{SECRET}@host.example/simple"
CHANNEL = f"https://conda.anaconda.org/t/{SECRET}/private"
PLANTED: dict[str, tuple[str, str, Any]] = {
    "freeze": (
        "pip_freeze",
        "requirements.txt",
        f"a==1\n--index-url {URL}\n-e git+https://{SECRET}@github.com/u/b.git#egg=b\nc @ https://x/c.whl?token={SECRET}\n"
        f"https://u:{SECRET}@h/d-1-py3-none-any.whl\n",
    ),
    "pip-list": ("pip_list", "l.json", [{"name": "a", "version": "1", "editable_project_location": URL}]),
    "inspect": (
        "pip_inspect",
        "i.json",
        {
            "version": "1",
            "pip_version": "24",
            "installed": [
                {
                    "metadata": {"name": "a", "version": "1"},
                    "direct_url": {"url": URL},
                    "metadata_location": URL,
                }
            ],
            "environment": {"api_token": SECRET},
        },
    ),
    "conda-list": ("conda_list", "c.txt", f"# packages in environment at /x:\na 1 b {CHANNEL}\n"),
    "conda-json": (
        "conda_list",
        "c.json",
        [
            {
                **dict.fromkeys(("build_string", "dist_name", "platform"), "x"),
                "name": "a",
                "version": "1",
                "build_number": 0,
                "base_url": CHANNEL,
                "channel": CHANNEL,
            }
        ],
    ),
    "explicit": (
        "conda_explicit",
        "e.txt",
        f"@EXPLICIT\n{CHANNEL}/linux-64/a-1-0.conda\nhttps://u:{SECRET}@h/c/noarch/b-1-0.conda\n# pip c @ {URL}/c-1.whl\n",
    ),
    "yml": (
        "conda_environment",
        "environment.yml",
        f"channels: ['{CHANNEL}', '{URL}']\n"
        f"dependencies: ['{CHANNEL}::a', {{pip: ['--extra-index-url {URL}', 'b @ {URL}']}}]\n"
        f"variables: {{DB_PASSWORD: {SECRET}}}\nprefix: {URL}\n",
    ),
    "conda-lock": (
        "conda_lock",
        "conda-lock.yml",
        f"version: 1\nmetadata:\n  content_hash: {{x: y}}\n  channels: [{{url: '{CHANNEL}'}}]\npackage:\n"
        f"- {{name: a, version: '1', platform: x, manager: conda, url: '{CHANNEL}/linux-64/a-1-0.conda'}}\n",
    ),
    "spack-yaml": (
        "spack",
        "spack.yaml",
        f"spack:\n  specs: [a]\n  mirrors:\n    m: {{url: '{URL}', access_token: {SECRET}, secret: {SECRET}}}\n"
        f"  include: ['{URL}']\n",
    ),
    "spack-lock": (
        "spack",
        "spack.lock",
        {
            "_meta": {"file-type": "spack-lockfile", "lockfile-version": 5},
            "roots": [{"hash": "h", "spec": f"a token={SECRET}"}],
            "concrete_specs": {
                "h": {"name": "a", "version": "1", "parameters": {"token": SECRET}, "external": {"path": URL}}
            },
        },
    ),
    "spack-find": ("spack", "f.txt", f"-- linux-a-b / gcc@1 ---\na@1 api_token={SECRET}\n"),
    "modules": ("module_list", "m.txt", f"Currently Loaded Modules:\n 1) https://u:{SECRET}@h/a\n"),
    "cyclonedx": (
        "cyclonedx",
        "b.json",
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.4",
            "components": [{"bom-ref": URL, "name": "a", "purl": f"pkg:generic/a@1?download_url={URL}"}],
        },
    ),
    "spdx": (
        "spdx",
        "s.json",
        {
            "spdxVersion": "SPDX-2.3",
            "name": URL,
            "packages": [
                {
                    "SPDXID": "SPDXRef-a",
                    "name": "a",
                    "downloadLocation": URL,
                    "externalRefs": [
                        {"referenceType": "purl", "referenceLocator": f"pkg:generic/a@1?vcs_url={URL}"}
                    ],
                }
            ],
        },
    ),
    "docker": (
        "docker_inspect",
        "d.json",
        [
            forms.IMAGE
            | {
                "Config": {
                    "Env": [f"DB_PASSWORD={SECRET}", f"U={URL}"],
                    "Cmd": ["run", "--token", SECRET],
                    "Labels": {"secret": SECRET, "u": URL},
                }
            },
            {
                "Id": "c",
                "Created": "",
                "Path": "run",
                "Args": [f"--api-key={SECRET}"],
                "State": {"Status": "running"},
                "Image": "i",
                "Config": {"Env": [f"API_KEY={SECRET}"]},
                "HostConfig": {},
            },
        ],
    ),
    "apptainer": (
        "apptainer_inspect",
        "a.json",
        {
            "data": {
                "attributes": {
                    "labels": {**forms.LABELS, "registry.password": SECRET},
                    "deffile": f"bootstrap: docker\nfrom: a\n%post\n  export HF_TOKEN={SECRET}\n  curl {URL}\n",
                    "environment": {"x": f"export MY_SECRET={SECRET}\n"},
                }
            },
            "type": "container",
        },
    ),
    "print-info": (
        "print_info",
        "p.txt",
        f"System_Info:\nurl : {URL}\nHyperparameters:\napi_key : {SECRET}\nRandom seed: {URL}\n",
    ),
}


@pytest.mark.parametrize("case", PLANTED)
def test_no_credential_gets_into_a_graph(case: str, tmp_path: Path) -> None:
    module, name, content = PLANTED[case]
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    assert SECRET in path.read_text()
    converter = import_module(f"recup_kg.converters.{module}")
    assert converter.sniff(path)
    evidence = converter.read(path)
    assert isinstance(evidence, Evidence)
    assert SECRET not in repr(evidence)
    assert SECRET not in "".join(evidence_graph(evidence).lines)
    assert "[redacted]" in repr(evidence)


def test_every_converter_has_planted_credentials() -> None:
    assert {module for module, _, _ in PLANTED.values()} == set(real.MODULES)


def test_ordinary_urls_stay() -> None:
    for text in (
        "git+ssh://git@github.com/u/r.git@v1",
        "https://conda.anaconda.org/conda-forge",
        "https://host/t",
        "a@1.0",
        "x?page=2",
    ):
        assert safe_text(text) == text
    assert channel_name("https://conda.anaconda.org/t/abc/me") == "me"
    assert channel_name("https://repo.anaconda.com/pkgs/main") == "pkgs/main"
    assert channel_name("https://my.host/channel") == "https://my.host/channel"


NAMES = st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,12}[A-Za-z0-9])?", fullmatch=True)
VERSIONS = st.from_regex(r"[0-9]{1,3}(?:\.[0-9]{1,3}){0,3}(?:rc[0-9])?(?:\.post[0-9])?", fullmatch=True)
BUILDS = st.text(string.ascii_lowercase + string.digits + "_", min_size=1, max_size=10).map(
    lambda text: f"h{text}"
)
ROWS = st.lists(
    st.tuples(NAMES, VERSIONS, BUILDS), min_size=1, max_size=8, unique_by=lambda row: row[0].lower()
)
HASHES = st.text("0123456789abcdef", min_size=32, max_size=32)


def found(module: str, folder: Path, text: str) -> list[Package]:
    path = folder / "list.txt"
    path.write_text(text)
    converter = import_module(f"recup_kg.converters.{module}")
    assert converter.sniff(path)
    return [record for record in converter.read(path).records if isinstance(record, Package)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generated")


@given(ROWS)
def test_pip_freeze_there_and_back(folder: Path, rows: list[tuple[str, str, str]]) -> None:
    text = "".join(f"{name}=={version}\n" for name, version, _ in rows)
    assert (
        "".join(f"{package.name}=={package.version}\n" for package in found("pip_freeze", folder, text))
        == text
    )


@given(ROWS)
def test_pip_list_there_and_back(folder: Path, rows: list[tuple[str, str, str]]) -> None:
    wide, narrow = (max(8, *(len(row[column]) for row in rows)) for column in (0, 1))
    lines = [f"{'Package':{wide}} {'Version':{narrow}}", f"{'-' * wide} {'-' * narrow}"]
    lines += [f"{name:{wide}} {version:{narrow}}" for name, version, _ in rows]
    listed = found("pip_list", folder, "\n".join(lines) + "\n")
    assert [(package.name, package.version) for package in listed] == [row[:2] for row in rows]


@given(ROWS)
def test_conda_list_there_and_back(folder: Path, rows: list[tuple[str, str, str]]) -> None:
    text = "# packages in environment at /opt/conda:\n#\n# Name  Version  Build  Channel\n"
    text += "".join(f"{name}   {version}   {build}   conda-forge\n" for name, version, build in rows)
    assert [
        (package.name, package.version, package.build) for package in found("conda_list", folder, text)
    ] == rows


@given(ROWS)
def test_conda_export_there_and_back(folder: Path, rows: list[tuple[str, str, str]]) -> None:
    text = "# This file may be used to create an environment using:\n" + "".join(
        "=".join(row) + "\n" for row in rows
    )
    assert [
        (package.name, package.version, package.build) for package in found("conda_list", folder, text)
    ] == rows


@given(ROWS, HASHES)
def test_explicit_list_there_and_back(folder: Path, rows: list[tuple[str, str, str]], digest: str) -> None:
    lines = [f"https://conda.anaconda.org/conda-forge/noarch/{'-'.join(row)}.conda#{digest}" for row in rows]
    listed = found("conda_explicit", folder, "@EXPLICIT\n" + "\n".join(lines) + "\n")
    assert [f"{package.source_url}#{package.digests[0][4:]}" for package in listed] == lines
    assert [(package.name, package.version, package.build) for package in listed] == rows


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(folder: Path, text: str) -> None:
    path = folder / "any.txt"
    path.write_text(text, encoding="utf-8", errors="replace")
    for module in real.MODULES:
        converter = import_module(f"recup_kg.converters.{module}")
        assert converter.sniff(path) in (True, False)
        try:
            assert isinstance(converter.read(path), Evidence)
        except MalformedSource as error:
            assert re.search(r"\n", str(error)) is None


@given(st.binary(max_size=100))
def test_any_bytes_are_sniffed(folder: Path, data: bytes) -> None:
    path = folder / "any.bin"
    path.write_bytes(data)
    for module in real.MODULES:
        assert import_module(f"recup_kg.converters.{module}").sniff(path) in (True, False)
