"""Spellings of jobs, machines and variables that no real file at hand has; what must be refused; what must stay hidden."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recup_kg.converters import pbs
from recup_kg.converters.job_script import read as read_script
from recup_kg.converters.pbs import seconds as pbs_seconds
from recup_kg.converters.slurm.control import pairs
from recup_kg.converters.slurm.spellings import node_names, seconds, size_bytes
from recup_kg.errors import MalformedSource
from recup_kg.evidence.jobs import Job
from recup_kg.rdf.evidence import evidence_graph
from recup_kg.rdf.names import graph_of_source
from recup_kg.redaction import MARKER

S = "S3NT1NELhunter2Xyz"
NO_NODES = ["a[", "a[1-", "a[2-1]", "a[1-9999999999]", "a]b", "a[1,,2]"]


def read(converter: str, path: Path, text: str | bytes, name: str = "file") -> Any:
    file = path / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    module = import_module(f"recup_kg.converters.{converter}")
    assert module.sniff(file)
    return module.read(file)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("nid0[5301-5303,5312]", ("nid05301", "nid05302", "nid05303", "nid05312")),
        ("n[08-10]", ("n08", "n09", "n10")),
        ("a[1-2]b[3-4],c", ("a1b3", "a1b4", "a2b3", "a2b4", "c")),
        ("login1", ("login1",)),
        ("omni[1,10-12]", ("omni1", "omni10", "omni11", "omni12")),
    ],
)
def test_nodes(written: str, expected: tuple[str, ...]) -> None:
    assert node_names(written) == expected


@pytest.mark.parametrize("written", NO_NODES)
def test_no_nodes(written: str) -> None:
    with pytest.raises(ValueError, match=r"node|range"):
        node_names(written)


@given(
    st.lists(st.tuples(st.integers(0, 9999), st.integers(0, 20)), min_size=1, max_size=6), st.integers(1, 6)
)
def test_nodes_round_trip(ranges: list[tuple[int, int]], width: int) -> None:
    spelt = ",".join(f"{a:0{width}d}-{a + n:0{width}d}" if n else f"{a:0{width}d}" for a, n in ranges)
    expected = tuple(f"x{number:0{width}d}y" for a, n in ranges for number in range(a, a + n + 1))
    assert node_names(f"x[{spelt}]y") == expected


@given(st.integers(0, 9_999), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_durations_round_trip(days: int, hours: int, minutes: int, rest: int) -> None:
    whole = ((days * 24 + hours) * 60 + minutes) * 60 + rest
    assert seconds(f"{days}-{hours:02d}:{minutes:02d}:{rest:02d}") == whole
    assert seconds(f"{days * 24 + hours:02d}:{minutes:02d}:{rest:02d}") == whole
    assert pbs_seconds(f"{days * 24 + hours:02d}:{minutes:02d}:{rest:02d}") == whole
    assert seconds(f"{days}-{hours:02d}") == whole - minutes * 60 - rest
    assert seconds(f"{minutes:02d}:{rest:02d}.250") == minutes * 60 + rest + 0.25


def test_sizes() -> None:
    assert size_bytes("1294440K") == 1294440 * 1024
    assert size_bytes("1.50G") == 3 * 512 * 1024**2
    assert size_bytes("9007199254740993K") == 9007199254740993 * 1024
    assert size_bytes("514404", unit="M") == 514404 * 1024**2
    with pytest.raises(ValueError, match="no size: '16X'"):
        size_bytes("16X")


_KEY = st.from_regex(r"[A-Z][A-Za-z]{1,10}", fullmatch=True)
_VALUE = st.lists(st.from_regex(r"[^\s=]{1,8}", fullmatch=True), min_size=1, max_size=3).map(" ".join)


@given(st.dictionaries(_KEY, _VALUE, min_size=1, max_size=8), st.sampled_from([" ", "\n   "]))
def test_keys_and_values_round_trip(stated: dict[str, str], between: str) -> None:
    assert pairs(between.join(f"{key}={value}" for key, value in stated.items())) == stated


@pytest.mark.parametrize("delimiter", ["|", ",", "\t", "~~", ";"])
@pytest.mark.parametrize("ending", [True, False])
def test_sacct_with_any_delimiter(delimiter: str, ending: bool, tmp_path: Path) -> None:
    rows = [
        ["JobID", "State", "Elapsed", "Foo"],
        ["7_1", "OUT_OF_MEMORY", "1-00:00:01", "x"],
        ["7_1.0", "FAILED", "00:10", ""],
    ]
    text = "\n".join(delimiter.join(row) + (delimiter if ending else "") for row in rows) + "\n"
    found = read("slurm", tmp_path, text)
    assert [(job.identifier, job.state, job.run_time, job.parent) for job in found.records] == [
        ("7_1", "OUT_OF_MEMORY", 86401, None),
        ("7_1.0", "FAILED", 10, "7_1"),
    ]
    assert [(gap.kind, gap.where, gap.comment) for gap in found.gaps] == [
        ("UnmappedField", "line 2", "The column Foo has no place in the graph.")
    ]


def test_sacct_of_fixed_width(tmp_path: Path) -> None:
    text = (
        "JobID           JobName  Partition      State ExitCode \n"
        "------------ ---------- ---------- ---------- -------- \n"
        "123               train        gpu CANCELLED+      0:9 \n"
        "123.batch         batch             COMPLETED      0:0 \n"
    )
    job, step = read("slurm", tmp_path, text).records
    assert (job.name, job.state, job.exit_code) == ("train", None, "0:9")
    assert (step.parent, step.state, step.partition) == ("123", "COMPLETED", None)


def test_scontrol_job_of_which_the_end_is_only_expected(tmp_path: Path) -> None:
    text = (
        "JobId=9 JobName=my job\n   UserId=ann(1000) GroupId=g(1) JobState=RUNNING Reason=None\n"
        "   RunTime=00:01:00 TimeLimit=UNLIMITED StartTime=2024-01-01T00:00:00 EndTime=2024-01-02T00:00:00\n"
        f"   NumNodes=2 NumCPUs=8 NodeList=n[1-2] Comment=TOKEN={S} Command=/x/run.sh --token={S}\n\n"
    )
    found = read("slurm", tmp_path, text)
    (job,) = found.records
    assert (job.name, job.user, job.user_id, job.run_time, job.time_limit) == (
        "my job",
        "ann",
        1000,
        60,
        None,
    )
    assert (job.ended, job.nodes, job.command) == (None, ("n1", "n2"), f"/x/run.sh --token={MARKER}")
    assert job.started.iso == "2024-01-01T00:00:00"


def test_sacct_json_in_both_forms(tmp_path: Path) -> None:
    number = {"set": True, "infinite": False, "number": 60}
    job = {
        "job_id": 5,
        "name": "a",
        "state": {"current": ["COMPLETED"]},
        "time": {
            "start": 1704067200,
            "end": 1704067260,
            "elapsed": 60,
            "limit": number,
            "total": {"seconds": 3, "microseconds": 500000},
        },
        "exit_code": {"return_code": {"set": True, "number": 1}, "signal": {"id": {"number": 9}}},
        "nodes": "n[1-2]",
        "steps": [{"step": {"id": "5.batch", "name": "batch"}, "state": ["FAILED"], "time": {"elapsed": 2}}],
    }
    main, step = read("slurm", tmp_path, json.dumps({"jobs": [job]})).records
    assert (main.started.iso, main.time_limit, main.exit_code, main.cpu_time) == (
        "2024-01-01T00:00:00Z",
        3600,
        "1:9",
        3.5,
    )
    assert (step.identifier, step.parent, step.state, step.run_time) == ("5.batch", "5", "FAILED", 2)
    old = {
        "jobs": [
            {
                "job_id": 5,
                "job_state": "RUNNING",
                "start_time": 1704067200,
                "end_time": 1704070000,
                "exit_code": 256,
            }
        ]
    }
    (main,) = read("slurm", tmp_path, json.dumps(old)).records
    assert (main.started.iso, main.ended, main.exit_code) == ("2024-01-01T00:00:00Z", None, "1:0")


def test_all_spellings_of_directives(tmp_path: Path) -> None:
    text = (
        "#!/bin/sh\n#SBATCH -N 2 -n4\n#SBATCH --time 1:00 # not more\n#SBATCH -J=x\n#SBATCH --exclusive\n"
        f"#SBATCH --export=ALL,HF_TOKEN={S}\n##SBATCH --nodes=9\n"
        f"ml purge; module load gcc/12 python\nml cmake\nA=1 \\\n  srun ./a --password {S}\n#SBATCH --late=1\n"
        f"cat <<EOF\nexport DB_PASSWORD={S}\nEOF\n"
    )
    found = read("job_script", tmp_path, text)
    (script,) = found.records
    assert script.directives == (
        *(("nodes", "2"), ("ntasks", "4"), ("time", "1:00"), ("job-name", "x"), ("exclusive", "")),
        ("export", f"ALL,HF_TOKEN={MARKER}"),
    )
    assert script.modules == ("gcc/12", "python", "cmake")
    assert script.commands[2:] == (
        f"A=1 srun ./a --password {MARKER}",
        f"cat <<EOF\nexport DB_PASSWORD={MARKER}\nEOF",
    )
    assert [gap.where for gap in found.gaps] == ["line 12"]


def test_pbs_directives_and_resources(tmp_path: Path) -> None:
    text = f"#!/bin/bash\n#PBS -l select=2:ncpus=32,walltime=1:00:00\n#PBS -j oe\n#PBS -V\n#PBS -v A=1,TOKEN={S}\necho\n"
    (script,) = read("job_script", tmp_path, text).records
    assert script.directives == (
        *(("select", "2:ncpus=32"), ("walltime", "1:00:00"), ("join", "oe"), ("export-all", "")),
        ("variables", f"A=1,TOKEN={MARKER}"),
    )


def test_qstat_with_wrapped_lines_and_as_json(tmp_path: Path) -> None:
    text = (
        "Job Id: 12.server\n    Job_Name = run\n    Job_Owner = ann@login\n    resources_used.mem = 2kb\n"
        "    resources_used.walltime = 01:00:01\n    stime = Thu Apr 18 15:56:50 2024\n    exec_host = n1/0*64+n\n\t2/0*64\n"
        f"    Variable_List = TOKEN={S}\n    strange = {S}\n"
    )
    plain = read("pbs", tmp_path, text)
    (job,) = plain.records
    assert (job.user, job.resident_memory, job.run_time, job.nodes) == ("ann", 2048, 3601, ("n1", "n2"))
    assert job.started.iso == "2024-04-18T15:56:50"
    assert [gap.comment for gap in plain.gaps] == ["The attribute strange has no place in the graph."]
    document = {
        "pbs_version": "2022",
        "Jobs": {
            "12.server": {
                "Job_Name": "run",
                "Job_Owner": "ann@login",
                "resources_used": {"mem": "2kb", "walltime": "01:00:01"},
                "stime": "Thu Apr 18 15:56:50 2024",
                "exec_host": "n1/0*64+n2/0*64",
                "Variable_List": {"TOKEN": S},
            }
        },
    }
    assert read("pbs", tmp_path, json.dumps(document)).identity == plain.identity


def test_lscpu_text_and_json_tell_of_one_thing(tmp_path: Path) -> None:
    named = {
        "Architecture": "x86_64",
        "CPU(s)": "128",
        "Thread(s) per core": "2",
        "Core(s) per socket": "32",
        "Socket(s)": "2",
    }
    named |= {"Vendor ID": "AuthenticAMD", "Model name": "AMD EPYC", "NUMA node(s)": "8", "Flags": "fpu sse"}
    plain = read("machine", tmp_path, "".join(f"{name + ':':20}{value}\n" for name, value in named.items()))
    fields = [{"field": f"{name}:", "data": value, "children": []} for name, value in named.items()]
    nested = read("machine", tmp_path, json.dumps({"lscpu": [{**fields[0], "children": fields[1:]}]}))
    assert plain.identity == nested.identity
    (machine,) = plain.records
    assert (machine.cpu_count, machine.cores_per_socket, machine.numa_node_count, machine.features) == (
        128,
        32,
        8,
        ("fpu", "sse"),
    )


def test_memory_is_in_units_of_1024(tmp_path: Path) -> None:
    (machine,) = read("machine", tmp_path, "MemTotal:       32780000 kB\nMemFree: 1 kB\n").records
    assert machine.memory_size == 32780000 * 1024


def test_variables_of_several_lines_and_with_nul(tmp_path: Path) -> None:
    text = f"PATH=/bin\nHOME=/h\nBASH_FUNC_f%%=() {{  echo\n}}\nHF_TOKEN={S}\nURL=http://u:{S}@h\nEMPTY=\nRAW=\udcff\n"
    data = text.encode(errors="surrogateescape")
    plain = read("variables", tmp_path, data)
    values = {item.name: (item.value, item.redacted) for item in plain.records[1:]}
    assert values["BASH_FUNC_f%%"] == ("() {  echo\n}", False)
    assert values["HF_TOKEN"] == (MARKER, True)
    assert values["URL"] == (f"http://u:{MARKER}@h", True)
    assert values["EMPTY"] == ("", False)
    ended = data.replace(b"echo\n}", b"echo\0}").replace(b"\n", b"\0").replace(b"echo\0}", b"echo\n}")
    assert read("variables", tmp_path, ended).identity == plain.identity


@pytest.mark.parametrize(
    ("converter", "name", "text", "problem"),
    [
        (
            "slurm",
            "f",
            "JobID|State|Elapsed\n1|COMPLETED\n2|X|Y|Z\n",
            "f: line 2: 2 values where there are 3 columns; the file is cut off",
        ),
        (
            "slurm",
            "f",
            "1|COMPLETED|2024-01-01T00:00:00|x\n",
            "f: line 1: a table of sacct without a header: what its columns are",
        ),
        ("slurm", "f", '{"jobs": [{"job_id": 1, "job_state":', "f: not JSON: "),
        (
            "slurm",
            "f",
            '{"jobs": [{"job_id": null}]}',
            "f: $.jobs[0].job_id: a job without a number; export it again",
        ),
        (
            "pbs",
            "f",
            '{"pbs_version": "1", "Jobs": []}',
            "f: $.Jobs: not an object; run qstat -f -F json again",
        ),
        (
            "pbs",
            "f",
            "Job Id: 1.s\nnothing\n",
            "f: after 1.s, unfolded line 2: neither a job nor an attribute of one",
        ),
        (
            "machine",
            "f",
            'NAME="x\nVERSION_ID=1\n',
            "f: line 1: NAME has a quote without an end; capture it again",
        ),
        (
            "machine",
            "f",
            '{"lscpu": [{"field": 1}]}',
            "f: $.lscpu[0]: not a field with its data; capture it again",
        ),
        ("nvidia_smi", "f", "<nvidia_smi_log><gpu>", "f: line 1: not XML: "),
        (
            "nvidia_smi",
            "f",
            "<nvidia_smi_log></nvidia_smi_log>",
            "f: /nvidia_smi_log: no accelerator in it; run nvidia-smi -q -x again",
        ),
        ("rocm_smi", "f", '{"card0": {"GPU ID": "1"', "f: not JSON: "),
        (
            "variables",
            "f",
            b"PATH=/bin\0HOME=/h\0=x\0",
            "f: entry 3: not NAME=VALUE; capture it again with env -0",
        ),
    ],
)
def test_refused_with_one_line(
    converter: str, name: str, text: str | bytes, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(MalformedSource) as caught:
        read(converter, tmp_path, text, name)
    assert str(caught.value).startswith(f"{tmp_path}/{problem}")
    assert "\n" not in str(caught.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    converter=st.sampled_from(
        ["slurm", "job_script", "pbs", "machine", "variables", "nvidia_smi", "rocm_smi"]
    ),
    data=st.binary(max_size=200),
)
def test_no_bytes_make_it_fall(converter: str, data: bytes, tmp_path: Path) -> None:
    module = import_module(f"recup_kg.converters.{converter}")
    starts = [
        b"",
        b"JobID|State\n",
        b"JobId=1 ",
        b"Job Id: ",
        b"#SBATCH -",
        b"PATH=/\nHOME=",
        b"<nvidia_smi_log>",
        b'{"card0": {',
        b'{"jobs": [',
        b"Linux a 1",
    ]
    for start in starts:
        file = tmp_path / "job.e1"
        file.write_bytes(start + data)
        module.sniff(file)
        try:
            module.read(file)
        except MalformedSource:
            continue


def test_no_sentinel_reaches_a_graph(tmp_path: Path) -> None:
    sources = {
        "slurm": "JobID|JobName|State|Comment|SubmitLine|WorkDir\n"
        f"1|TOKEN={S}|FAILED|password={S}|sbatch --password {S}|/x?token={S}\n",
        "job_script": f"#!/bin/sh\n#SBATCH --comment=password={S}\n#SBATCH --export=HF_TOKEN={S}\ncurl -u a:{S} x\n",
        "pbs": f"Job Id: 1.s\n    Job_Name = TOKEN={S}\n    Submit_arguments = --token {S}\n    Variable_List = TOKEN={S}\n",
        "variables": f"PATH=/bin\nHOME=/h\nAPI_KEY={S}\nX=postgres://u:{S}@h\nJ=hf_{S}abcd\n",
        "machine": json.dumps(
            {
                "NCPU": 1,
                "MemTotal": 1,
                "DockerRootDir": "/",
                "HttpProxy": f"http://u:{S}@h",
                "Labels": [f"TOKEN={S}"],
            }
        ),
        "nvidia_smi": "<nvidia_smi_log><gpu id='1'><processes><process_info>"
        f"<process_name>x --token {S}</process_name></process_info></processes></gpu></nvidia_smi_log>",
        "rocm_smi": json.dumps({"card0": {"GPU ID": "1", "TOKEN": S}}),
    }
    for converter, text in sources.items():
        graph = "".join(evidence_graph(read(converter, tmp_path, text)).lines)
        assert S not in graph, converter
        assert len(graph) > 1000


def test_a_script_without_a_directive_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.sh"
    file.write_text("#!/bin/sh\necho\n")
    with pytest.raises(
        MalformedSource, match="no directive of a scheduler; name the script that was given to sbatch or qsub"
    ):
        read_script(file)


def test_the_same_output_of_two_jobs_is_two_sources(tmp_path: Path) -> None:
    graphs = []
    for name in ("job.sh.e17", "job.sh.e18"):
        path = tmp_path / name
        path.write_text("Lmod is automatically replacing\n")
        reading = pbs.read(path)
        assert [record.job_id for record in reading.records if isinstance(record, Job)] == [name[-2:]]
        graphs.append(graph_of_source(reading.source))
    assert graphs[0] != graphs[1]
