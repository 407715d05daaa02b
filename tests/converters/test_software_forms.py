"""Forms of lists of software that no shipped sample has: each value against what the text says."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from recup_kg.converters import converters
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import (
    Container,
    ContainerImage,
    EnvironmentSnapshot,
    EnvironmentVariable,
    LoadedModule,
    Package,
    ParameterSetting,
    Seed,
)
from recup_kg.rdf.evidence import evidence_graph
from recup_kg.validate import validate_quads


def read(folder: Path, module: str, name: str, text: str | Any) -> Evidence:
    """What the converter makes of a text (JSON of anything else), which it alone claims, and whose graph conforms."""
    path = folder / name
    path.write_text(text if isinstance(text, str) else json.dumps(text))
    converter = import_module(f"recup_kg.converters.{module}")
    assert [found for found, other in converters().items() if other.sniff(path)] == [converter.NAME]
    evidence = converter.read(path)
    assert isinstance(evidence, Evidence)
    results = validate_quads("".join(evidence_graph(evidence).lines)).results
    assert [(result.shape, result.term) for result in results if result.severity == "Violation"] == []
    return evidence


def by_name(evidence: Evidence) -> dict[str, Package]:
    return {record.name: record for record in evidence.records if isinstance(record, Package)}


def the(evidence: Evidence, kind: type) -> Any:
    (found,) = [record for record in evidence.records if isinstance(record, kind)]
    return found


FREEZE = """\
# a comment
alpha==1.0
Beta_Two[extra1,extra2]==2.0.post1 ; python_version < "3.13"
-e git+https://github.com/user/gamma.git@0123abc#egg=gamma&subdirectory=src
# Editable install with no version control (delta==0.3)
-e /home/user/delta
epsilon @ git+https://github.com/user/epsilon@feed
zeta @ file:///tmp/zeta-1.0-py3-none-any.whl#sha256=0a0b
eta>=1,<2
theta==3.* # a comment behind
iota===weird
kappa==4.0 \\
    --hash=sha256:aaaa \\
    --hash=sha256:BBBB
https://example.org/dist/lamda-1.5-py3-none-any.whl
--index-url https://pypi.org/simple
-r other.txt
-cconstraints.txt
"""


def test_requirements(tmp_path: Path) -> None:
    evidence = read(tmp_path, "pip_freeze", "out.txt", FREEZE)
    found = by_name(evidence)
    assert list(found) == [
        "alpha",
        "Beta_Two",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lamda",
    ]
    assert (found["alpha"].version, found["alpha"].purl) == ("1.0", "pkg:pypi/alpha@1.0")
    beta = found["Beta_Two"]
    assert (beta.version, beta.extras, beta.marker) == (
        "2.0.post1",
        ("extra1", "extra2"),
        'python_version < "3.13"',
    )
    assert beta.purl == "pkg:pypi/beta-two@2.0.post1"
    assert found["gamma"].editable and found["gamma"].version is None and found["gamma"].purl is None
    assert (
        found["gamma"].source_url
        == "git+https://github.com/user/gamma.git@0123abc#egg=gamma&subdirectory=src"
    )
    assert (found["delta"].version, found["delta"].location, found["delta"].editable) == (
        "0.3",
        "/home/user/delta",
        True,
    )
    assert found["epsilon"].source_url == "git+https://github.com/user/epsilon@feed"
    assert (found["zeta"].purl, found["zeta"].digests) == (None, ("sha256:0a0b",))
    assert (found["eta"].version, found["eta"].constraint) == (None, "<2,>=1")
    assert (found["theta"].version, found["theta"].constraint) == (None, "==3.*")
    assert found["iota"].version == "weird"
    assert found["kappa"].digests == ("sha256:aaaa", "sha256:bbbb")
    assert (found["lamda"].version, found["lamda"].source_url) == (
        "1.5",
        "https://example.org/dist/lamda-1.5-py3-none-any.whl",
    )
    assert the(evidence, EnvironmentSnapshot).settings == (
        ("--index-url", "https://pypi.org/simple"),
        ("-r", "other.txt"),
        ("-c", "constraints.txt"),
    )
    assert [gap.kind for gap in evidence.gaps] == ["NotCaptured", "NotCaptured"]
    assert {package.requested for package in found.values()} == {None}


@pytest.mark.parametrize(
    "text",
    [
        "word\nother\n",
        "x3001c0s1b0n0\nx3001c0s7b0n0\n",
        "A=1\nB=2\n",
        "PATH=/bin\nHOME=/root\n",
        "#!/bin/bash\n#SBATCH -N 1\nmodule load gcc\n",
        "a,b\n1,2\n",
        "# README\n\nInstall with `pip install a==1`.\n",
        "a==1\nand some words of prose\n",
        "Epoch 1: loss 0.3\nEpoch 2: loss 0.2\n",
        "name: x\nversion: 1\ndependencies: []\n",
        "if a == 1:\n    pass\n",
        "{}\n",
        "[]\n",
        '[{"name": "a"}]\n',
        "Name Version Build\n",
        "gcc/11.2.0\ncmake/3.2\n",
        "pid==ok==x\n",
        "\x00\x01binary",
        "-",
        "=",
    ],
)
def test_other_texts_are_not_claimed(text: str, tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text(text)
    mine = {
        *(
            "apptainer-inspect",
            "conda-environment",
            "conda-explicit",
            "conda-list",
            "conda-lock",
            "cyclonedx",
            "docker-inspect",
        ),
        *("module-list", "pip-freeze", "pip-inspect", "pip-list", "print-info", "spack", "spdx"),
    }
    assert [name for name in mine if converters()[name].sniff(path)] == []


def test_pip_list_with_all_columns(tmp_path: Path) -> None:
    text = (
        "WARNING: You are using pip version 20; however, version 24 is available.\n"
        "Package    Version Editable project location Location           Installer\n"
        "---------- ------- ------------------------- ------------------ ---------\n"
        "alpha      1.0                               /usr/lib/python3   pip\n"
        "beta-long  2.0a1   /home/me/beta             /usr/lib/python3\n"
    )
    found = by_name(read(tmp_path, "pip_list", "pip.txt", text))
    assert (found["alpha"].location, found["alpha"].installer, found["alpha"].editable) == (
        "/usr/lib/python3",
        "pip",
        False,
    )
    assert (found["beta-long"].location, found["beta-long"].installer, found["beta-long"].editable) == (
        "/home/me/beta",
        None,
        True,
    )
    assert found["beta-long"].purl is None


def test_pip_list_as_json(tmp_path: Path) -> None:
    items = [
        {"name": "alpha", "version": "1.0", "latest_version": "2.0", "latest_filetype": "wheel"},
        {"name": "b", "version": "2"},
    ]
    found = by_name(read(tmp_path, "pip_list", "pip.json", items))
    assert {name: package.version for name, package in found.items()} == {"alpha": "1.0", "b": "2"}


INSPECT = {
    "version": "1",
    "pip_version": "24.0",
    "installed": [
        {
            "metadata": {
                "name": "Alpha",
                "version": "1.0",
                "license": "MIT",
                "requires_dist": [
                    "b_eta>=2",
                    "gone",
                    "gamma; extra == 'x'",
                    "gamma; python_version < '3'",
                    "][",
                    "Alpha; sys_platform == 'linux'",
                ],
            },
            "metadata_location": "/site/alpha-1.0.dist-info",
            "installer": "pip",
            "requested": True,
        },
        {
            "metadata": {"name": "B.eta", "version": "2.0", "license_expression": "BSD-3-Clause"},
            "requested": False,
            "direct_url": {
                "url": "https://github.com/me/beta",
                "vcs_info": {"vcs": "git", "commit_id": "feed"},
            },
        },
        {
            "metadata": {"name": "gamma", "version": "3"},
            "direct_url": {"url": "file:///home/me/gamma", "dir_info": {"editable": True}},
        },
    ],
    "environment": {
        "python_version": "3.11",
        "sys_platform": "linux",
        "platform_machine": "x86_64",
        "python_full_version": "3.11.7",
    },
}


def test_pip_inspect(tmp_path: Path) -> None:
    evidence = read(tmp_path, "pip_inspect", "inspect.json", INSPECT)
    found = by_name(evidence)
    assert [package.requested for package in found.values()] == [True, False, None]
    assert found["Alpha"].depends_on == ("Alpha@1.0", "B.eta@2.0")
    assert (found["Alpha"].licence, found["B.eta"].licence, found["gamma"].licence) == (
        "MIT",
        "BSD-3-Clause",
        None,
    )
    assert (found["B.eta"].source_url, found["B.eta"].purl) == ("git+https://github.com/me/beta@feed", None)
    assert found["gamma"].editable and found["gamma"].source_url == "file:///home/me/gamma"
    assert [(gap.kind, gap.where) for gap in evidence.gaps] == [
        ("UnreadableValue", "$.installed[0].metadata.requires_dist[4]")
    ]
    about = the(evidence, EnvironmentSnapshot)
    assert (about.manager_version, about.platform) == ("24.0", "linux-x86_64")


CONDA = """\
# packages in environment at /opt/conda/envs/work:
#
# Name                    Version                   Build  Channel
_libgcc_mutex             0.1                 conda_forge    conda-forge
numpy                     1.26.4          py311h64a7726_0
dask                      2024.1.0                 pypi_0    pypi
"""


def test_conda_list(tmp_path: Path) -> None:
    evidence = read(tmp_path, "conda_list", "conda.txt", CONDA)
    found = by_name(evidence)
    assert found["_libgcc_mutex"].purl == "pkg:conda/_libgcc_mutex@0.1?build=conda_forge&channel=conda-forge"
    assert (found["numpy"].channel, found["numpy"].build) == (None, "py311h64a7726_0")
    assert (found["dask"].channel, found["dask"].purl) == ("pypi", "pkg:pypi/dask@2024.1.0")
    about = the(evidence, EnvironmentSnapshot)
    assert (about.name, about.settings) == ("work", (("prefix", "/opt/conda/envs/work"),))


def test_micromamba_list(tmp_path: Path) -> None:
    text = (
        'List of packages in environment: "/opt/mamba"\n\n  Name   Version  Build   Channel\n'
        "──────────────────────\n  zlib   1.3      h0_1    conda-forge\n"
    )
    assert by_name(read(tmp_path, "conda_list", "conda.txt", text))["zlib"].version == "1.3"


def test_conda_list_as_json(tmp_path: Path) -> None:
    item = {
        "base_url": "https://conda.anaconda.org/conda-forge",
        "build_number": 0,
        "build_string": "h0_0",
        "channel": "conda-forge",
        "dist_name": "zlib-1.3-h0_0",
        "name": "zlib",
        "platform": "linux-64",
        "version": "1.3",
    }
    package = by_name(read(tmp_path, "conda_list", "conda.json", [item]))["zlib"]
    assert package.purl == "pkg:conda/zlib@1.3?build=h0_0&channel=conda-forge&subdir=linux-64"
    assert package.source_url == "https://conda.anaconda.org/conda-forge"


def test_conda_export(tmp_path: Path) -> None:
    text = (
        "# This file may be used to create an environment using:\n# $ conda create --name <env> --file <this file>\n"
        "# platform: linux-64\nzlib=1.3=h0_0\npip=24.0=pypi_0\n"
    )
    evidence = read(tmp_path, "conda_list", "spec.txt", text)
    assert the(evidence, EnvironmentSnapshot).platform == "linux-64"
    assert by_name(evidence)["pip"].purl == "pkg:pypi/pip@24.0"


YML = """\
name: work
channels: [conda-forge, defaults]
dependencies:
  - python=3.10
  - numpy==1.26.4
  - conda-forge::zlib=1.3=h0_0
  - scipy >=1.2,<2
  - "tbb[version='>=2021',build=h1]"
  - pip
  - pip:
    - alpha==1.0
    - -e git+https://github.com/me/beta#egg=beta
variables:
  OMP_NUM_THREADS: 4
  API_TOKEN: abc123def
"""


def test_environment_yml(tmp_path: Path) -> None:
    evidence = read(tmp_path, "conda_environment", "env.yml", YML)
    found = by_name(evidence)
    assert {name: (package.version, package.constraint) for name, package in found.items()} == {
        "python": (None, "=3.10"),
        "numpy": ("1.26.4", None),
        "zlib": ("1.3", None),
        "scipy": (None, ">=1.2,<2"),
        "tbb": (None, ">=2021"),
        "pip": (None, None),
        "alpha": ("1.0", None),
        "beta": (None, None),
    }
    assert (found["zlib"].channel, found["zlib"].build) == ("conda-forge", "h0_0")
    assert found["python"].requested is True
    variables = {
        record.name: (record.value, record.redacted)
        for record in evidence.records
        if isinstance(record, EnvironmentVariable)
    }
    assert variables == {"OMP_NUM_THREADS": ("4", False), "API_TOKEN": ("[redacted]", True)}


def test_environment_yml_without_channels(tmp_path: Path) -> None:
    assert "python" in by_name(
        read(tmp_path, "conda_environment", "work.yml", "name: a\ndependencies:\n- python=3.11\n")
    )


def test_an_export_of_conda_asks_for_nothing(tmp_path: Path) -> None:
    text = (
        "name: x\nchannels:\n  - defaults\ndependencies:\n  - zlib=1.3=h0_0\n  - numpy=1.2\nprefix: /opt/x\n"
    )
    found = by_name(read(tmp_path, "conda_environment", "env.yml", text))
    assert [(package.version, package.requested) for package in found.values()] == [
        ("1.3", None),
        (None, None),
    ]


def test_conda_lock(tmp_path: Path) -> None:
    text = """\
version: 1
metadata:
  content_hash: {linux-64: aabb, osx-64: ccdd}
  channels: [{url: conda-forge, used_env_vars: []}]
package:
- {name: zlib, version: '1.3', manager: conda, platform: linux-64, dependencies: {libc: '>=2', __glibc: ''}, category: main,
   url: 'https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3-h0_0.conda', hash: {md5: aa, sha256: bb}}
- {name: libc, version: '2', manager: conda, platform: linux-64, dependencies: {}, category: dev,
   url: 'https://conda.anaconda.org/conda-forge/linux-64/libc-2-h1_0.tar.bz2', hash: {md5: cc}}
- {name: dask, version: '2024.1', manager: pip, platform: osx-64, dependencies: {}, category: main,
   url: 'https://files.pythonhosted.org/packages/dask-2024.1-py3-none-any.whl', hash: {sha256: dd}}
"""
    evidence = read(tmp_path, "conda_lock", "conda-lock.yml", text)
    found = by_name(evidence)
    assert found["zlib"].depends_on == ("linux-64/libc@2",)
    assert found["zlib"].purl == "pkg:conda/zlib@1.3?build=h0_0&channel=conda-forge&subdir=linux-64"
    assert found["zlib"].digests == ("md5:aa", "sha256:bb")
    assert (found["dask"].purl, found["dask"].environment) == ("pkg:pypi/dask@2024.1", "osx-64")
    assert [record.platform for record in evidence.records if isinstance(record, EnvironmentSnapshot)] == [
        "linux-64",
        "osx-64",
    ]


def test_spack_manifest_with_definitions_and_matrices(tmp_path: Path) -> None:
    text = """\
# comment
spack:
  definitions:
  - compilers: ['%gcc@12', '%clang']
  - libs: [zlib@=1.3, hdf5+mpi~cxx api=v18]
  - later: [x]
    when: arch == 'ppc64le'
  specs:
  - matrix:
    - [$libs]
    - [$compilers]
  - $later
  - builtin.cmake@3.20:3.22 target=zen3 cflags="-O3 -g"
  packages:
    all:
      require: '%gcc'
"""
    evidence = read(tmp_path, "spack", "spack.yaml", text)
    found = [record for record in evidence.records if isinstance(record, Package)]
    assert [package.identifier for package in found] == [
        "zlib@=1.3 %gcc@12",
        "zlib@=1.3 %clang",
        "hdf5+mpi~cxx api=v18 %gcc@12",
        "hdf5+mpi~cxx api=v18 %clang",
        'builtin.cmake@3.20:3.22 target=zen3 cflags="-O3 -g"',
    ]
    assert (found[0].version, found[0].constraint, found[0].compiler) == ("1.3", None, "gcc@12")
    assert found[2].variants == (("mpi", "true"), ("cxx", "false"), ("api", "v18"))
    cmake = found[-1]
    assert (cmake.namespace, cmake.constraint, cmake.architecture) == ("builtin", "@3.20:3.22", "target=zen3")
    assert cmake.variants == (("cflags", "-O3 -g"),)
    assert [gap.kind for gap in evidence.gaps] == ["UnmappedField", "NotCaptured"]
    assert the(evidence, EnvironmentSnapshot).settings == (("packages.all.require", "%gcc"),)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_older_lock_files(number: int, tmp_path: Path) -> None:
    zlib: dict[str, Any] = {
        "version": "1.3",
        "arch": {"platform": "linux", "platform_os": "rhel8", "target": "zen3"},
    }
    zlib |= {
        "compiler": {"name": "gcc", "version": "12.1"},
        "namespace": "builtin",
        "parameters": {"shared": True, "cflags": []},
    }
    cmake: dict[str, Any] = {"version": "3.2", "external": {"path": "/usr", "module": None}}
    if number < 3:
        specs = {
            "aaa": {"zlib": zlib | {"dependencies": {"cmake": {"hash": "bbb", "type": ["build"]}}}},
            "bbb": {"cmake": cmake},
        }
    else:
        needs = [{"name": "cmake", "build_hash" if number == 3 else "hash": "bbb", "type": ["build"]}]
        specs = {"aaa": {"name": "zlib", **zlib, "dependencies": needs}, "bbb": {"name": "cmake", **cmake}}
    lock = {
        "_meta": {"file-type": "spack-lockfile", "lockfile-version": number},
        "roots": [{"hash": "aaa", "spec": "zlib"}],
        "concrete_specs": specs,
    }
    evidence = read(tmp_path, "spack", "spack.lock", lock)
    found = by_name(evidence)
    assert found["zlib"].depends_on == ("cmake@3.2/bbb",)
    assert (found["zlib"].compiler, found["zlib"].architecture) == ("gcc@12.1", "linux-rhel8-zen3")
    assert found["zlib"].variants == (("shared", "true"),)
    assert (found["zlib"].requested, found["cmake"].requested, found["cmake"].location) == (
        True,
        False,
        "/usr",
    )
    assert evidence.gaps == ()


def test_a_dependency_that_is_not_in_the_lock_is_a_gap(tmp_path: Path) -> None:
    lock = {
        "_meta": {"file-type": "spack-lockfile", "lockfile-version": 5},
        "roots": [{"hash": "zzz", "spec": "x"}],
        "concrete_specs": {
            "aaa": {"name": "zlib", "version": "1", "dependencies": [{"name": "c", "hash": "ccc"}]}
        },
    }
    gaps = read(tmp_path, "spack", "spack.lock", lock).gaps
    assert [(gap.kind, gap.comment) for gap in gaps] == [
        ("OneSidedDependency", "It depends on ccc, which is not among the concrete specs."),
        ("OneSidedDependency", "The root x is not among the concrete specs."),
    ]


def test_spack_find_in_columns_with_hashes(tmp_path: Path) -> None:
    text = (
        "==> 3 installed packages\n"
        "-- linux-rhel8-zen3 / gcc@12.1.0 -----------\n"
        "abcdefg autoconf@2.69  hijklmn zlib@1.3\n\n"
        "-- linux-rhel8-zen3 / no compilers ----------\n"
        "opqrstu gcc-runtime@12\n"
    )
    evidence = read(tmp_path, "spack", "find.txt", text)
    found = by_name(evidence)
    assert {
        name: (package.version, package.build_hash, package.compiler) for name, package in found.items()
    } == {
        "autoconf": ("2.69", "abcdefg", "gcc@12.1.0"),
        "zlib": ("1.3", "hijklmn", "gcc@12.1.0"),
        "gcc-runtime": ("12", "opqrstu", None),
    }
    assert {package.requested for package in found.values()} == {None}
    assert evidence.gaps == ()


def test_spack_find_with_variants_and_paths(tmp_path: Path) -> None:
    text = (
        "==> In environment work\n==> 2 root specs\n-  ------- zlib  [+] abcdefg mercury +debug\n\n==> Installed packages\n"
        "-- linux-ubuntu22-x86_64 / %c,cxx=gcc@13.3.0 --\n"
        "builtin.zlib@1.3~optimize+pic build_system=makefile\n"
        "mercury@2.3+debug  /opt/spack/mercury\n"
        "==> 3 installed packages\n"
    )
    evidence = read(tmp_path, "spack", "find.txt", text)
    found = by_name(evidence)
    assert found["zlib"].variants == (("optimize", "false"), ("pic", "true"), ("build_system", "makefile"))
    assert (found["zlib"].compiler, found["zlib"].requested) == ("gcc@13.3.0", True)
    assert (found["mercury"].location, found["mercury"].requested) == ("/opt/spack/mercury", True)
    assert [gap.kind for gap in evidence.gaps] == ["ConflictingValue"]


LMOD = """\

Currently Loaded Modules:
  1) craype-x86-rome        3) gcc/11.2.0 (D)
  2) libfabric/1.15.2.0 (H) 4) tools/a/1.0   (L,S)

  Where:
   D:  Default Module
"""


def test_lmod_list(tmp_path: Path) -> None:
    evidence = read(tmp_path, "module_list", "modules.txt", LMOD)
    found = {record.position: record for record in evidence.records if isinstance(record, LoadedModule)}
    assert {
        position: (module.name, module.version, module.properties) for position, module in found.items()
    } == {
        1: ("craype-x86-rome", None, ()),
        2: ("libfabric", "1.15.2.0", ("H",)),
        3: ("gcc", "11.2.0", ("D",)),
        4: ("tools/a", "1.0", ("L", "S")),
    }
    assert the(evidence, EnvironmentSnapshot).manager == "lmod"


@pytest.mark.parametrize(
    "text",
    [
        "Currently Loaded Modulefiles:\n 1) gcc/9.2.0(default)   2) openmpi/4.0.3 <aL>\n\nKey:\n<module-tag>\n",
        "Currently Loaded Modulefiles:\ngcc/9.2.0(default)\nopenmpi/4.0.3 <aL>\n",
    ],
)
def test_environment_modules_list(text: str, tmp_path: Path) -> None:
    evidence = read(tmp_path, "module_list", "modules.txt", text)
    found = [record for record in evidence.records if isinstance(record, LoadedModule)]
    assert [(module.identifier, module.position, module.properties) for module in found] == [
        ("gcc/9.2.0", 1, ("default",)),
        ("openmpi/4.0.3", 2, ("aL",)),
    ]
    assert the(evidence, EnvironmentSnapshot).manager == "environment-modules"


@pytest.mark.parametrize("text", ["No modules loaded\n", "No Modulefiles Currently Loaded.\n"])
def test_no_modules(text: str, tmp_path: Path) -> None:
    assert len(read(tmp_path, "module_list", "modules.txt", text).records) == 1


BOM = """<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.4" serialNumber="urn:uuid:1" version="1">
  <metadata><timestamp>2024-01-01T00:00:00Z</timestamp><tools><tool><vendor>v</vendor><name>t</name><version>1</version></tool></tools>
    <component bom-ref="app" type="application"><name>app</name></component></metadata>
  <components>
    <component bom-ref="a" type="library"><group>org</group><name>a</name><version>1</version><scope>required</scope>
      <hashes><hash alg="SHA-256">AB</hash></hashes>
      <licenses><license><id>MIT</id></license><license><name>Other</name></license></licenses><purl>pkg:maven/org/a@1</purl>
      <components><component bom-ref="b" type="library"><name>b</name>
        <licenses><expression>MIT OR BSD-3-Clause</expression></licenses></component></components>
    </component>
  </components>
  <dependencies><dependency ref="app"><dependency ref="a"/><dependency ref="zz"/></dependency></dependencies>
</bom>
"""


def test_bill_of_materials_as_xml(tmp_path: Path) -> None:
    evidence = read(tmp_path, "cyclonedx", "bom.xml", BOM)
    found = by_name(evidence)
    assert found["a"].licence == ("MIT", "Other") and found["b"].licence == ("MIT OR BSD-3-Clause",)
    assert (found["a"].namespace, found["a"].digests, found["a"].purl) == (
        "org",
        ("sha256:ab",),
        "pkg:maven/org/a@1",
    )
    assert found["app"].depends_on == ("a",)
    assert [(gap.kind, gap.where) for gap in evidence.gaps] == [("OneSidedDependency", "$.dependencies[0]")]
    assert evidence.source.format_version == "CycloneDX 1.4 XML"


def test_xml_and_json_give_the_same_records(tmp_path: Path) -> None:
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.4",
        "serialNumber": "urn:uuid:1",
        "metadata": {
            "timestamp": "2024-01-01T00:00:00Z",
            "tools": [{"vendor": "v", "name": "t", "version": "1"}],
            "component": {"bom-ref": "app", "name": "app"},
        },
        "components": [
            {
                "bom-ref": "a",
                "group": "org",
                "name": "a",
                "version": "1",
                "scope": "required",
                "purl": "pkg:maven/org/a@1",
                "hashes": [{"alg": "SHA-256", "content": "AB"}],
                "licenses": [{"license": {"id": "MIT"}}, {"license": {"name": "Other"}}],
                "components": [
                    {"bom-ref": "b", "name": "b", "licenses": [{"expression": "MIT OR BSD-3-Clause"}]}
                ],
            }
        ],
        "dependencies": [{"ref": "app", "dependsOn": ["a", "zz"]}],
    }
    first, second = (
        read(tmp_path, "cyclonedx", "bom.json", document),
        read(tmp_path, "cyclonedx", "bom.xml", BOM),
    )
    assert first.records == second.records and first.identity == second.identity


SPDX_JSON = {
    "spdxVersion": "SPDX-2.3",
    "SPDXID": "SPDXRef-DOCUMENT",
    "name": "doc",
    "documentNamespace": "https://example.org/doc",
    "creationInfo": {"created": "2024-01-01T00:00:00Z", "creators": ["Tool: syft-1.0", "Person: A"]},
    "packages": [
        {
            "SPDXID": "SPDXRef-a",
            "name": "a",
            "versionInfo": "1.0",
            "downloadLocation": "NOASSERTION",
            "licenseDeclared": "MIT",
            "licenseConcluded": "NOASSERTION",
            "checksums": [{"algorithm": "SHA256", "checksumValue": "AB"}],
            "externalRefs": [
                {
                    "referenceCategory": "PACKAGE-MANAGER",
                    "referenceType": "purl",
                    "referenceLocator": "pkg:pypi/a@1.0",
                }
            ],
        },
        {
            "SPDXID": "SPDXRef-b",
            "name": "b",
            "licenseDeclared": "NOASSERTION",
            "licenseConcluded": "NONE",
            "downloadLocation": "https://e.org/b",
        },
    ],
    "relationships": [
        {"spdxElementId": "SPDXRef-a", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "SPDXRef-b"},
        {
            "spdxElementId": "SPDXRef-a",
            "relationshipType": "DEPENDENCY_OF",
            "relatedSpdxElement": "SPDXRef-b",
        },
        {
            "spdxElementId": "SPDXRef-DOCUMENT",
            "relationshipType": "DESCRIBES",
            "relatedSpdxElement": "SPDXRef-a",
        },
    ],
}
SPDX_TAGS = """\
SPDXVersion: SPDX-2.3
SPDXID: SPDXRef-DOCUMENT
DocumentName: doc
DocumentNamespace: https://example.org/doc
Creator: Tool: syft-1.0
Creator: Person: A
Created: 2024-01-01T00:00:00Z

##### Package
PackageName: a
SPDXID: SPDXRef-a
PackageVersion: 1.0
PackageDownloadLocation: NOASSERTION
PackageLicenseDeclared: MIT
PackageLicenseConcluded: NOASSERTION
PackageChecksum: SHA256: AB
PackageComment: <text>over
lines: two</text>
ExternalRef: PACKAGE-MANAGER purl pkg:pypi/a@1.0

PackageName: b
SPDXID: SPDXRef-b
PackageLicenseDeclared: NOASSERTION
PackageLicenseConcluded: NONE
PackageDownloadLocation: https://e.org/b

Relationship: SPDXRef-a DEPENDS_ON SPDXRef-b
Relationship: SPDXRef-a DEPENDENCY_OF SPDXRef-b
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-a
"""


def test_spdx_in_both_forms(tmp_path: Path) -> None:
    first, second = (
        read(tmp_path, "spdx", "a.spdx.json", SPDX_JSON),
        read(tmp_path, "spdx", "a.spdx", SPDX_TAGS),
    )
    assert first.records == second.records and first.identity == second.identity
    found = by_name(first)
    assert (found["a"].licence, found["a"].purl, found["a"].digests) == (
        "MIT",
        "pkg:pypi/a@1.0",
        ("sha256:ab",),
    )
    assert (found["a"].source_url, found["b"].source_url, found["b"].licence) == (
        None,
        "https://e.org/b",
        "NONE",
    )
    assert (found["a"].depends_on, found["b"].depends_on) == (("SPDXRef-b",), ("SPDXRef-a",))
    assert the(first, EnvironmentSnapshot).settings[1] == ("tool", "syft-1.0")


IMAGE = {
    "Id": "sha256:cd",
    "RepoTags": ["python:3.11", "python:latest"],
    "RepoDigests": ["python@sha256:ab"],
    "Created": "2024-01-01T00:00:00.123456789Z",
    "DockerVersion": "",
    "Config": {
        "Env": ["PATH=/bin", "A=1"],
        "Cmd": ["python3"],
        "Entrypoint": ["/run.sh", "a b"],
        "WorkingDir": "/app",
        "Labels": {"x": "y"},
    },
    "Architecture": "amd64",
    "Os": "linux",
    "Size": 1234,
    "RootFS": {"Type": "layers"},
}


def test_an_image_of_docker(tmp_path: Path) -> None:
    evidence = read(tmp_path, "docker_inspect", "image.json", [IMAGE])
    image = the(evidence, ContainerImage)
    assert (image.digest, image.image_id, image.name, image.tags) == (
        "sha256:ab",
        "sha256:cd",
        "python:3.11",
        ("python:3.11", "python:latest"),
    )
    assert (image.entry_point, image.command, image.size) == ("/run.sh 'a b'", "python3", 1234)
    assert image.created is not None and image.created.written == "2024-01-01T00:00:00.123456789Z"


def test_a_container_that_ended(tmp_path: Path) -> None:
    item = {
        "Id": "c1",
        "Created": "2024-01-01T00:00:00Z",
        "Path": "python3",
        "Args": ["train.py", "--password", "hunter2"],
        "State": {
            "Status": "exited",
            "ExitCode": 137,
            "StartedAt": "2024-01-01T00:00:01Z",
            "FinishedAt": "2024-01-01T00:00:02Z",
        },
        "Image": "sha256:cd",
        "Name": "/work",
        "Config": {"Image": "python@sha256:ab", "Env": ["A=1"]},
        "NetworkSettings": {},
    }
    evidence = read(tmp_path, "docker_inspect", "c.json", [item, IMAGE])
    container = the(evidence, Container)
    assert (container.exit_code, container.image, container.label) == (137, "sha256:cd", "work")
    assert container.command == "python3 train.py --password '[redacted]'"
    environments = {
        record.environment for record in evidence.records if isinstance(record, EnvironmentVariable)
    }
    assert environments == {"environment-0", "environment-1"}


def test_docker_image_ls(tmp_path: Path) -> None:
    text = (
        "REPOSITORY   TAG       DIGEST          IMAGE ID       CREATED       SIZE\n"
        "python       3.11      sha256:abcdef   0123456789ab   2 weeks ago   130MB\n"
        "<none>       <none>    <none>          ba9876543210   3 days ago    72.8MB\n"
    )
    images = [
        record
        for record in read(tmp_path, "docker_inspect", "images.txt", text).records
        if isinstance(record, ContainerImage)
    ]
    assert [(image.name, image.digest, image.image_id) for image in images] == [
        ("python:3.11", "sha256:abcdef", "0123456789ab"),
        (None, None, "ba9876543210"),
    ]


LABELS = {
    "org.label-schema.build-arch": "amd64",
    "org.label-schema.build-date": "Tuesday_10_November_2020_15:58:42_UTC",
    "org.label-schema.schema-version": "1.0",
    "org.label-schema.usage.apptainer.version": "1.1.0",
    "org.label-schema.usage.singularity.deffile.bootstrap": "docker",
    "org.label-schema.usage.singularity.deffile.from": "ubuntu:22.04",
}
DEFINITION = """\
bootstrap: docker
from: ubuntu:22.04

%environment
    export LC_ALL=C
    export API_TOKEN=abc123def456
%post
    apt-get update
"""


def test_apptainer_in_all_forms(tmp_path: Path) -> None:
    text = "".join(f"{name}: {value}\n" for name, value in LABELS.items())
    scripts = {"/.singularity.d/env/10-docker.sh": 'export PATH="/bin"\nexport A="${A:-"b c"}"\n'}
    document = {
        "data": {"attributes": {"deffile": DEFINITION, "labels": LABELS, "environment": scripts}},
        "type": "container",
    }
    for name, content in (("i.txt", text), ("i.json", document)):
        image = the(read(tmp_path, "apptainer_inspect", name, content), ContainerImage)
        assert (image.engine, image.engine_version, image.base) == (
            "apptainer",
            "1.1.0",
            "docker://ubuntu:22.04",
        )
        assert image.created is not None and image.created.iso == "2020-11-10T15:58:42Z"
    evidence = read(tmp_path, "apptainer_inspect", "i.json", document)
    variables = {
        record.name: record.value for record in evidence.records if isinstance(record, EnvironmentVariable)
    }
    assert variables == {"PATH": "/bin", "A": "b c"}


def test_a_definition_file(tmp_path: Path) -> None:
    evidence = read(tmp_path, "apptainer_inspect", "a.def", DEFINITION)
    image = the(evidence, ContainerImage)
    assert (image.base, image.engine) == ("docker://ubuntu:22.04", None)
    assert image.definition is not None and "abc123def456" not in image.definition
    variables = {
        record.name: record.value for record in evidence.records if isinstance(record, EnvironmentVariable)
    }
    assert variables == {"LC_ALL": "C", "API_TOKEN": "[redacted]"}


BLOCK = "System_Info:\nOS : Linux\nHyperparameters:\nlr : 1e-3\nnesterov : True\nhidden_layers :\nhidden_layer1 : 4\nempty :\n"


def test_blocks_inside_a_log(tmp_path: Path) -> None:
    text = f"starting\n{BLOCK}Random seed: 12345678901234567890123\nEpoch 1: loss 0.3\n"
    text += f"{BLOCK}Epoch 1: loss 0.2\n{BLOCK}Random seed: None\n"
    evidence = read(tmp_path, "print_info", "log.txt", text)
    seeds = [record for record in evidence.records if isinstance(record, Seed)]
    assert [(seed.identifier, seed.status, seed.value) for seed in seeds] == [
        ("seed", "SeedRecorded", 12345678901234567890123),
        ("block-2/seed", "SeedUnknown", None),
        ("block-3/seed", "SeedUnset", None),
    ]
    settings = [
        record
        for record in evidence.records
        if isinstance(record, ParameterSetting) and "/" not in record.identifier.partition("/")[0]
    ]
    first = {
        record.path or record.name: record.value
        for record in settings
        if record.identifier.startswith("Hyper")
    }
    assert first == {"lr": 0.001, "nesterov": True, "hidden_layers/hidden_layer1": 4}
    assert [gap.kind for gap in evidence.gaps] == ["NotCaptured"] * 3
    assert not [record for record in settings if "Epoch" in record.name]


def test_a_seed_among_the_hyper_parameters(tmp_path: Path) -> None:
    evidence = read(
        tmp_path, "print_info", "log.txt", "Hyperparameters:\nlr : 0.1\nrandom_seed : 7\nlr : 0.2\n"
    )
    assert the(evidence, Seed).value == 7
    assert [record.identifier for record in evidence.records if isinstance(record, ParameterSetting)] == [
        "Hyperparameters/lr",
        "Hyperparameters/lr#2",
    ]
    assert [gap.kind for gap in evidence.gaps] == ["DuplicateEntry"]
