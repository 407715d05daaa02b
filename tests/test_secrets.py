"""No credential of any format reaches a store: sentinels are planted in each, and every byte of the store is searched."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet
import pytest

import recup_kg as recup
from recup_kg.converters import converters
from recup_kg.errors import MissingExtra
from recup_kg.redaction import MARKER
from tests.wfformat_samples import SMALL

NAMED = "Sentinel9named"
IN_URL = "Sentinel9url"
TOKEN = "ghp_" + "Sentinel9" * 4
PLACE = f"https://user:{IN_URL}@host.example/x"
HEADER = "Sentinel9bearer0123456789"
SENTINELS = (NAMED, IN_URL, "Sentinel9Sentinel9", HEADER)


def wfformat() -> str:
    trace = copy.deepcopy(SMALL)
    command = trace["workflow"]["execution"]["tasks"][0]["command"]
    command["arguments"] = ["--password", NAMED, f"--token={NAMED}", PLACE, TOKEN]
    trace["workflow"]["specification"]["files"][0]["id"] = PLACE
    trace["workflow"]["specification"]["tasks"][0]["inputFiles"] = [PLACE]
    trace["description"] = f"ran with {TOKEN}"
    trace["unknown"] = {"api_key": NAMED}
    return json.dumps(trace)


def crate() -> str:
    entities = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        },
        {"@id": "./", "@type": "Dataset", "name": f"made with {TOKEN}", "mentions": {"@id": "#run"}},
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": "run",
            "instrument": {"@id": "#tool"},
            "object": [{"@id": "#secret"}, {"@id": PLACE}],
            "description": f"mytool --password {NAMED}",
        },
        {"@id": "#tool", "@type": "SoftwareApplication", "name": "mytool"},
        {"@id": "#secret", "@type": "PropertyValue", "name": "db_password", "value": NAMED},
        {"@id": PLACE, "@type": "File"},
    ]
    return json.dumps({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": entities})


def provn() -> str:
    return f"""document
  prefix ex <http://example.org/>
  entity(ex:e, [ex:password="{NAMED}", ex:note="{TOKEN}", ex:from="{PLACE}"])
  activity(ex:a, 2024-01-02T03:04:05, 2024-01-02T03:04:06, [ex:command="tool --password {NAMED}"])
endDocument
"""


def darshan_text() -> str:
    return f"""# darshan log version: 3.21
# compression method: ZLIB
# exe: /bin/app --password {NAMED} --url {PLACE} {TOKEN}
# uid: 1
# jobid: 42
# start_time: 1619109091
# start_time_asci: Thu Apr 22 16:31:31 2021
# end_time: 1619109091
# end_time_asci: Thu Apr 22 16:31:31 2021
# nprocs: 1
# run time: 1.0000
# metadata: lib_ver = 3.2.1
# metadata: token = {NAMED}

# log file regions
# -------------------------------------------------------
# header: 1328 bytes (uncompressed)
# job data: 496 bytes (compressed)
# record table: 1573 bytes (compressed)
# POSIX module: 3014 bytes (compressed), ver=4

# mounted file systems (mount point and fs type)
# -------------------------------------------------------
# mount entry:	/	ext4

#<module>	<rank>	<record id>	<counter>	<value>	<file name>	<mount pt>	<fs type>
POSIX	0	9457796068806373448	POSIX_OPENS	1	/data/{TOKEN}	/	ext4
"""


def dask() -> str:
    return (
        ",key,start,finish,called_from,time\n"
        f"0,\"('load-{TOKEN}', 0)\",released,waiting,tcp://10.0.0.1:1,1713553301.03\n"
        f"1,read-{PLACE},released,waiting,tcp://10.0.0.1:1,1713553301.04\n"
    )


def flowbench() -> str:
    return (
        ",anomaly_type,ready,submit,execute_start,execute_end,wms_delay,queue_delay,runtime,kickstart_hostname,kickstart_site"
        ",kickstart_executables,kickstart_executables_argv\n"
        f"job-{TOKEN},None,1.0,2.0,3.0,4.0,1.0,1.0,1.0,{TOKEN},{PLACE},/bin/{TOKEN}"
        f",tool -L {TOKEN} --password {NAMED} --url {PLACE}\n"
    )


def hpctoolkit() -> str:
    return f"""<?xml version="1.0"?>
<HPCToolkitExperiment version="2.2">
<Header n="app --password {NAMED}"><Info/></Header>
<SecCallPathProfile i="0" n="app --password {NAMED} {PLACE} {TOKEN}">
<SecHeader><MetricTable>
<Metric i="0" n="CPUTIME (usec):Sum (I)" v="final" t="inclusive" partner="1" show="1" show-percent="1"/>
</MetricTable><MetricDBTable></MetricDBTable>
<LoadModuleTable><LoadModule i="2" n="/bin/{TOKEN}"/></LoadModuleTable>
<FileTable><File i="2" n="{PLACE}"/></FileTable>
<ProcedureTable><Procedure i="2" n="main"/></ProcedureTable></SecHeader>
<SecCallPathProfileData>
<PF i="2" s="2" l="1" lm="2" f="2" n="2"><M n="0" v="1"/></PF>
</SecCallPathProfileData></SecCallPathProfile></HPCToolkitExperiment>
"""


CASES: dict[str, tuple[str, Callable[[], str]]] = {
    "apptainer-inspect": (
        "labels.txt",
        lambda: (
            f"org.label-schema.schema-version: 1.0\norg.label-schema.build-date: Monday_2_January_2023_3:4:5_UTC\nauthor: me\ndb_password: {NAMED}\norg.label-schema.usage.singularity.deffile.from: {PLACE}\n"
        ),
    ),
    "conda-environment": (
        "environment.yml",
        lambda: (
            f"name: x\nchannels:\n  - {PLACE}\n  - https://conda.example/t/{NAMED}/main\ndependencies:\n  - python=3.11\n  - pip:\n    - pkg @ {PLACE}\nvariables:\n  DB_PASSWORD: {NAMED}\n"
        ),
    ),
    "conda-explicit": (
        "explicit.txt",
        lambda: (
            f"# platform: linux-64\n@EXPLICIT\nhttps://user:{IN_URL}@conda.example/main/linux-64/python-3.11.0-h1_0.conda\nhttps://conda.example/t/{NAMED}/main/linux-64/zlib-1.2.13-h1_0.conda\n"
        ),
    ),
    "conda-list": (
        "conda.txt",
        lambda: (
            f"# packages in environment at /opt/conda:\n#\n# Name                    Version                   Build  Channel\npython                    3.11.0               h1_0    https://conda.example/t/{NAMED}/main\nzlib                      1.2.13               h1_0    {PLACE}\n"
        ),
    ),
    "conda-lock": (
        "conda-lock.yml",
        lambda: (
            f"version: 1\nmetadata:\n  content_hash:\n    linux-64: 0123456789abcdef\n  channels:\n  - url: https://conda.example/t/{NAMED}/main\n    used_env_vars: []\n  platforms:\n  - linux-64\n  sources:\n  - environment.yml\npackage:\n- name: zlib\n  version: 1.2.13\n  manager: conda\n  platform: linux-64\n  dependencies: {{}}\n  url: {PLACE}/linux-64/zlib-1.2.13-h1_0.conda\n  hash:\n    md5: d41d8cd98f00b204e9800998ecf8427e\n  category: main\n  optional: false\n"
        ),
    ),
    "cyclonedx": (
        "bom.json",
        lambda: json.dumps(
            {
                "bomFormat": "CycloneDX",
                "specVersion": "1.4",
                "version": 1,
                "metadata": {"properties": [{"name": "password", "value": NAMED}]},
                "components": [
                    {
                        "type": "library",
                        "bom-ref": PLACE,
                        "name": "x",
                        "version": "1",
                        "description": TOKEN,
                        "externalReferences": [{"type": "vcs", "url": PLACE}],
                    }
                ],
            }
        ),
    ),
    "darshan": ("log.darshan.txt", darshan_text),
    "dask": ("worker_transition.csv", dask),
    "docker-inspect": (
        "inspect.json",
        lambda: json.dumps(
            [
                {
                    "Id": "sha256:" + "0" * 64,
                    "RepoTags": ["x:1"],
                    "RepoDigests": [],
                    "Created": "2024-01-02T03:04:05Z",
                    "Architecture": "amd64",
                    "Os": "linux",
                    "Config": {
                        "Env": [f"DB_PASSWORD={NAMED}", f"FROM={PLACE}", f"NOTE={TOKEN}"],
                        "Labels": {"api_key": NAMED},
                        "Cmd": ["run", "--password", NAMED],
                        "Entrypoint": ["sh", "-c", f"curl -H 'Authorization: Bearer {HEADER}' x"],
                    },
                }
            ]
        ),
    ),
    "environment-variables": (
        "env.txt",
        lambda: (
            f"HOME=/home/x\nPATH=/usr/bin:/bin\nDB_PASSWORD={NAMED}\nGIT_REMOTE={PLACE}\nNOTE={TOKEN}\nSHELL=/bin/sh\nUSER=x\nLANG=C\nPWD=/home/x\n"
        ),
    ),
    "flowbench": ("run0001.csv", flowbench),
    "hpctoolkit": ("experiment.xml", hpctoolkit),
    "job-script": (
        "job.sbatch",
        lambda: (
            f"#!/bin/bash\n#SBATCH --job-name=x\n#SBATCH --export=DB_PASSWORD={NAMED},A=1\n#SBATCH --comment={TOKEN}\nexport API_TOKEN={NAMED}\ncurl -H 'Authorization: Bearer {HEADER}' {PLACE}\nmytool --password {NAMED}\n"
        ),
    ),
    "machine": (
        "os-release",
        lambda: (
            f'NAME="x"\nID=x\nVERSION_ID="1"\nPRETTY_NAME="x 1"\nHOME_URL="{PLACE}"\nSUPPORT_TOKEN="{NAMED}"\nBUILD_ID="{TOKEN}"\n'
        ),
    ),
    "module-list": (
        "modules.txt",
        lambda: f"Currently Loaded Modules:\n  1) gcc/12.2.0   2) {TOKEN}/1.0\n\n",
    ),
    "nextflow": (
        "trace.txt",
        lambda: (
            f"task_id\thash\tnative_id\tname\tstatus\texit\tsubmit\tduration\trealtime\tscript\tenv\n1\tab/cdef01\t1\tfoo ({TOKEN})\tCOMPLETED\t0\t2024-01-02 03:04:05.000\t1s\t1s\tmytool --password {NAMED} {PLACE}\texport API_TOKEN={NAMED}\n"
        ),
    ),
    "pip-freeze": (
        "requirements.txt",
        lambda: (
            f"--index-url https://user:{IN_URL}@pypi.example/simple\nnumpy==1.26.0\npkg @ git+https://{TOKEN}@github.com/x/pkg@main\nother @ {PLACE}/other-1.0.zip\n"
        ),
    ),
    "pip-inspect": (
        "inspect.json",
        lambda: json.dumps(
            {
                "version": "1",
                "pip_version": "24.0",
                "installed": [
                    {
                        "metadata": {
                            "metadata_version": "2.1",
                            "name": "x",
                            "version": "1",
                            "home_page": PLACE,
                            "summary": TOKEN,
                        },
                        "direct_url": {"url": PLACE, "vcs_info": {"vcs": "git", "commit_id": "a" * 40}},
                        "metadata_location": f"/site/{TOKEN}",
                    }
                ],
                "environment": {"python_version": "3.11", "platform_release": TOKEN},
            }
        ),
    ),
    "pip-list": (
        "pip-list.json",
        lambda: json.dumps(
            [
                {"name": "numpy", "version": "1.26.0"},
                {"name": "mine", "version": "0.1", "editable_project_location": PLACE},
                {"name": "other", "version": TOKEN},
            ]
        ),
    ),
    "print-info": (
        "print_info.yaml",
        lambda: (
            f"System_Info:\nOS : x\nHyperparameters:\nmodel_type : MLP\napi_token : {NAMED}\ndata_url : {PLACE}\nnote : {TOKEN}\nRandom seed: 2\n"
        ),
    ),
    "prov": ("document.provn", provn),
    "recup-snapshot": (
        "recup-snapshot.json",
        lambda: json.dumps(
            {
                "format": "recup-snapshot",
                "version": 1,
                "host": "h",
                "captured": "2024-01-02T03:04:05Z",
                "probes": [{"name": "git", "status": "not captured", "why": f"no access to {PLACE}"}],
                "facts": {
                    "git": {"remote": PLACE, "password": NAMED},
                    "kernel_command_line": f"x token={NAMED} {TOKEN}",
                },
            }
        ),
    ),
    "ro-crate": ("ro-crate-metadata.json", crate),
    "slurm": (
        "scontrol.txt",
        lambda: (
            f"JobId=7 JobName=x\n   UserId=u(1) GroupId=g(1)\n   JobState=COMPLETED Reason=None ExitCode=0:0\n   Comment=password={NAMED} AdminComment={TOKEN}\n   Command=/bin/x --password {NAMED}\n   WorkDir={PLACE}\n"
        ),
    ),
    "spack": (
        "spack.yaml",
        lambda: (
            f"spack:\n  specs:\n  - zlib@1.2.13\n  mirrors:\n    mine:\n      url: {PLACE}\n      access_pair: [id, {NAMED}]\n      access_token: {NAMED}\n  packages:\n    all:\n      variants: [{TOKEN}]\n"
        ),
    ),
    "spdx": (
        "x.spdx.json",
        lambda: json.dumps(
            {
                "spdxVersion": "SPDX-2.3",
                "SPDXID": "SPDXRef-DOCUMENT",
                "name": TOKEN,
                "dataLicense": "CC0-1.0",
                "documentNamespace": PLACE,
                "creationInfo": {
                    "created": "2024-01-02T03:04:05Z",
                    "creators": ["Tool: x"],
                    "comment": f"password={NAMED}",
                },
                "packages": [
                    {
                        "SPDXID": "SPDXRef-x",
                        "name": "x",
                        "versionInfo": "1",
                        "downloadLocation": PLACE,
                        "comment": f"--password {NAMED}",
                    }
                ],
            }
        ),
    ),
    "wfformat": ("trace.json", wfformat),
}
WITHOUT_FREE_TEXT = {
    "nvidia-smi": "states facts of devices only; momentary readings and processes are not read",
    "rocm-smi": "states facts of devices only",
    "pbs": "tested in tests/converters/test_system_records.py, where its several files are made",
}


LEAVES_IT_OUT = {"machine", "cyclonedx"}
"""Formats whose facts with credentials are none that are read."""


def test_every_format_is_thought_of() -> None:
    assert set(CASES) | set(WITHOUT_FREE_TEXT) == set(converters())
    assert len(CASES) == 27


def stored(folder: Path) -> bytes:
    """All that lies in a store, unpacked."""
    parts = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        parts.append(gzip.decompress(data) if path.suffix == ".gz" else data)
        if path.suffix == ".parquet":
            parts.append(repr(pyarrow.parquet.ParquetFile(path).read().to_pydict()).encode())
    return b"\n".join(parts)


@pytest.mark.parametrize("name", CASES)
def test_sentinels_never_reach_the_store(name: str, tmp_path: Path) -> None:
    file_name, make = CASES[name]
    path = tmp_path / file_name
    path.write_text(make())
    store = tmp_path / "store"
    with recup.open(str(store)) as graph:
        try:
            item = graph.ingest(path, source_format=name, validate=False)
        except MissingExtra as error:
            pytest.skip(str(error))
    assert item.triples > 5
    found = stored(store)
    assert [sentinel for sentinel in SENTINELS if sentinel.encode() in found] == []
    assert MARKER.encode() in found or name in LEAVES_IT_OUT


def test_the_sentinels_are_found_where_they_are_not_hidden(tmp_path: Path) -> None:
    (tmp_path / "a.nq.gz").write_bytes(gzip.compress(NAMED.encode()))
    assert NAMED.encode() in stored(tmp_path)
