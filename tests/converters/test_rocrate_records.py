"""What becomes of the things of a crate, with crates made for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recup_kg.converters import rocrate
from recup_kg.evidence.agents import Person, ResourceUsage
from recup_kg.evidence.environment import EnvironmentVariable, ParameterSetting
from recup_kg.evidence.statements import LiteralValue, Statement
from recup_kg.records import Trace
from recup_kg.redaction import MARKER
from recup_kg.validate import validate
from recup_kg.vocab import RECUP, SCHEMA, WFPROV
from tests.converters.crates import CONTEXT, action, crate, gaps, ntriples, save, trace

WFRUN = "https://w3id.org/ro/terms/workflow-run"
SECRET = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"


def _statements(reading: Trace) -> set[tuple[str, str, Any]]:
    return {
        (item.subject, item.predicate, item.object) for item in reading.records if isinstance(item, Statement)
    }


def _value(identifier: str, value: Any, **more: Any) -> dict[str, Any]:
    return {
        "@id": identifier,
        "@type": "PropertyValue",
        "name": identifier.strip("#"),
        "value": value,
        **more,
    }


def test_the_action_of_the_main_workflow_is_the_execution(tmp_path: Path) -> None:
    workflow = {
        "@id": "w.cwl",
        "@type": ["File", "ComputationalWorkflow"],
        "name": "w",
        "hasPart": [{"@id": "w.cwl#tool"}],
    }
    found = trace(
        tmp_path,
        crate(
            workflow,
            action(
                "#run",
                ["in"],
                ["out"],
                instrument={"@id": "w.cwl"},
                startTime="2024-01-01T00:00:00Z",
                endTime="2024-01-01T00:00:02.5Z",
            ),
            action("#a", ["in"], ["mid"], instrument={"@id": "w.cwl#tool"}),
            action("#b", ["mid"], ["out"], instrument={"@id": "w.cwl#tool"}),
            {"@id": "in", "@type": "File", "contentSize": 18446744073709551616},
            main="w.cwl",
        ),
    )
    assert found.execution.label == "run #run"
    assert found.execution.makespan == 2.5
    assert [(task.identifier, task.parents, task.level) for task in found.tasks] == [
        ("#a", (), 0),
        ("#b", ("#a",), 1),
    ]
    assert {item.identifier: (item.size, item.generators) for item in found.data} == {
        "in": (18446744073709551616, ()),
        "out": (None, ("#b",)),
        "mid": (None, ("#a",)),
    }
    base = f"https://w3id.org/recup/run/{found.execution.identity}"
    assert (base, WFPROV + "usedInput", f"{base}/data/in") in _statements(found)
    assert (f"{base}/data/out", WFPROV + "wasOutputFrom", base) in _statements(found)
    assert not [result for result in validate(ntriples(found)).results if result.severity == "Violation"]


def test_without_a_main_workflow_each_action_is_a_task(tmp_path: Path) -> None:
    found = trace(
        tmp_path, crate(action("#a", [], ["x"]), {**action("#b", ["x"], []), "@type": "UpdateAction"})
    )
    assert [task.identifier for task in found.tasks] == ["#a", "#b"]
    assert found.tasks[1].parents == ("#a",)
    assert found.execution.started is None
    assert found.execution.makespan is None


def test_an_action_of_a_nested_workflow_is_no_task_where_its_steps_are(tmp_path: Path) -> None:
    found = trace(
        tmp_path,
        crate(
            {"@id": "w", "@type": "ComputationalWorkflow", "hasPart": [{"@id": "inner"}, {"@id": "tool"}]},
            action("#run", instrument={"@id": "w"}),
            action("#inner", [], ["x"], instrument={"@id": "inner"}),
            action("#leaf", [], ["x"], instrument={"@id": "tool"}),
            {"@id": "#o", "@type": "OrganizeAction", "object": {"@id": "#c"}, "result": {"@id": "#inner"}},
            {
                "@id": "#c",
                "@type": "ControlAction",
                "instrument": {"@id": "inner#step"},
                "object": {"@id": "#leaf"},
            },
            {"@id": "inner#step", "@type": "HowToStep"},
            main="w",
        ),
    )
    assert [(task.identifier, task.step) for task in found.tasks] == [("#leaf", "step")]
    assert "an action that is no step of the workflow that the crate is about; kept as statements" in gaps(
        found, "UnmappedField"
    )


def test_a_part_of_a_folder_makes_a_dependency(tmp_path: Path) -> None:
    folder = {"@id": "d/", "@type": "Dataset", "hasPart": {"@id": "d/f"}}
    found = trace(tmp_path, crate(action("#a", [], ["d/f"]), action("#b", ["d/"], []), folder))
    assert found.tasks[1].parents == ("#a",)


def test_time_makes_no_dependency(tmp_path: Path) -> None:
    found = trace(
        tmp_path,
        crate(
            action("#a", [], ["x"], endTime="2024-01-01T00:00:00"),
            action("#b", ["y"], [], startTime="2024-01-01T00:00:01"),
        ),
    )
    assert [task.parents for task in found.tasks] == [(), ()]


def test_actions_in_a_circle_have_no_order(tmp_path: Path) -> None:
    found = trace(
        tmp_path, crate(action("#a", ["y"], ["x"]), action("#b", ["x"], ["y"]), action("#c", ["x"], ["z"]))
    )
    assert [task.parents for task in found.tasks] == [(), (), ("#a",)]
    assert gaps(found, "ConflictingValue") == [
        "2 actions used what each other made: no order is known among them"
    ]


def test_a_value_that_an_action_made_is_data(tmp_path: Path) -> None:
    found = trace(
        tmp_path,
        crate(action("#a", ["#p"], ["#v"]), action("#b", ["#v"], []), _value("#v", 1), _value("#p", 0.5)),
    )
    assert [item.identifier for item in found.data] == ["#v"]
    assert found.tasks[1].parents == ("#a",)
    assert [(item.name, item.value) for item in found.records if isinstance(item, ParameterSetting)] == [
        ("p", 0.5)
    ]


@pytest.mark.parametrize(
    ("stated", "value"),
    [
        ("007", "007"),
        (7, 7),
        (2**64 + 1, 2**64 + 1),
        (0.1, 0.1),
        (True, True),
        ({"@value": "5", "@type": "http://www.w3.org/2001/XMLSchema#integer"}, 5),
        (["a", "b"], '["a", "b"]'),
        (None, None),
    ],
)
def test_parameters_keep_their_type(tmp_path: Path, stated: Any, value: Any) -> None:
    found = trace(tmp_path, crate(action("#a", ["#p"], []), _value("#p", stated)))
    (setting,) = [item for item in found.records if isinstance(item, ParameterSetting)]
    assert (setting.value, type(setting.value)) == (value, type(value))


def test_a_resource_usage_is_exact_and_has_no_guessed_unit(tmp_path: Path) -> None:
    context = [CONTEXT, WFRUN]
    usages = [
        _value(
            "#m",
            "18446744073709551615",
            propertyID="https://x.org/mem",
            unitCode="https://qudt.org/vocab/unit/BYTE",
        ),
        _value("#t", "1.50", propertyID="https://x.org/t", unitCode="SEC"),
        _value("#n", "many"),
        {"@id": "#none", "@type": "PropertyValue", "name": "none"},
    ]
    run = action("#a", [], [], resourceUsage=[{"@id": usage["@id"]} for usage in usages])
    found = trace(tmp_path, crate(run, *usages, context=context))
    stated = [item for item in found.records if isinstance(item, ResourceUsage)]
    assert [(item.value, item.unit, item.unit_as_written) for item in stated] == [
        (18446744073709551615, "BYTE", "https://qudt.org/vocab/unit/BYTE"),
        (1.5, None, "SEC"),
        ("many", None, None),
    ]
    assert "no propertyID says what this amount is of" in gaps(found, "NotCaptured")
    assert "a resource usage without a value" in gaps(found, "NotCaptured")


def test_credentials_do_not_enter(tmp_path: Path) -> None:
    context = [CONTEXT, WFRUN]
    run = action(
        "#a",
        ["#p", "#q"],
        [],
        description=f"curl -H 'Authorization: Bearer {SECRET}'",
        environment={"@id": "#e"},
    )
    found = trace(
        tmp_path,
        crate(
            run,
            _value("#p", "hunter2", name="db_password"),
            _value("#q", SECRET),
            _value("#e", "hunter3", name="API_TOKEN"),
            {"@id": "#f", "@type": "FormalParameter", "name": "secret_key", "defaultValue": "hunter4"},
            {"@id": f"https://user:{SECRET}@x.org/", "@type": "Thing"},
            context=context,
        ),
    )
    text = ntriples(found)
    for word in (SECRET, "hunter2", "hunter3", "hunter4"):
        assert word not in text
    settings_ = [
        (item.name, item.value, item.redacted) for item in found.records if isinstance(item, ParameterSetting)
    ]
    assert settings_ == [("db_password", MARKER, True), ("q", MARKER, True)]
    assert [
        (item.name, item.redacted) for item in found.records if isinstance(item, EnvironmentVariable)
    ] == [("API_TOKEN", True)]


def test_nested_and_blank_nodes_get_names_from_content(tmp_path: Path) -> None:
    def made(label: str) -> dict[str, Any]:
        return crate(
            action("#a", [], [], agent={"@type": "Person", "name": "Ada"}, location={"@id": label}),
            {"@id": label, "@type": "Place", "name": "Turin"},
        )

    one, other = trace(tmp_path, made("_:b0")), trace(tmp_path, made("_:x9"))
    assert one.records == other.records
    assert one.execution.identity == other.execution.identity
    assert [item.name for item in one.records if isinstance(item, Person)] == ["Ada"]
    assert "_:" not in "".join(f"{item[0]} {item[2]}" for item in _statements(one))


def test_the_order_of_entities_and_members_means_nothing_to_identity(tmp_path: Path) -> None:
    document = crate(action("#a", ["x"], ["y"]), action("#b", ["y"], ["z"]))
    turned = {**document, "@graph": [dict(reversed(item.items())) for item in reversed(document["@graph"])]}
    assert trace(tmp_path, document).execution.identity == trace(tmp_path, turned).execution.identity


def test_terms_that_no_context_defines_are_told(tmp_path: Path) -> None:
    found = trace(
        tmp_path,
        crate(
            action("#a", [], [], colour="red", sha256="0" * 64), context=[CONTEXT, "https://x.org/context"]
        ),
    )
    assert sorted(gaps(found, "UnmappedField")) == [
        "no context defines the term 'colour'; it stands 1 times, first here",
        "no context defines the term 'sha256' (read as the Workflow Run term); it stands 1 times, first here",
        "this context is not known here and none is fetched: terms that only it defines are not read",
    ]


def test_prefixes_vocabularies_and_typed_terms_of_a_context(tmp_path: Path) -> None:
    context = [
        CONTEXT,
        {"ex": "https://x.org/", "made": {"@id": "ex:made", "@type": "@id"}, "@vocab": "https://y.org/"},
    ]
    run = {
        **action("#a", [], []),
        "made": "ex:thing",
        "ex:note": "n",
        "unheard": "f",
        "https://z.org/full": {"@value": "é", "@language": "fr"},
    }
    said = {item[1:] for item in _statements(trace(tmp_path, crate(run, context=context)))}
    assert ("https://x.org/made", "https://x.org/thing") in said
    assert ("https://x.org/note", LiteralValue("n")) in said
    assert ("https://y.org/unheard", LiteralValue("f")) in said
    assert ("https://z.org/full", LiteralValue("é", None, "fr")) in said


def test_odd_but_readable_things_are_gaps(tmp_path: Path) -> None:
    found = trace(
        tmp_path,
        crate(
            action(
                "#a",
                [],
                ["f"],
                startTime="yesterday",
                endTime=["2024-01-01", "2024-01-02"],
                actionStatus=["A", "B"],
            ),
            action("#b", None, [], object="just text"),
            {"@id": "f", "@type": "File", "contentSize": "1.5 MB"},
            {"@id": "f", "@type": "File", "name": "again"},
            {"@id": "#p", "@type": "Person"},
        ),
    )
    assert found.data[0].size is None
    assert sorted(gaps(found, "UnreadableValue")) == [
        "a text where a reference to a file or value is expected; kept as a statement",
        "not a time that can be read",
        "not a time that can be read",
        "not one size in whole bytes; kept as a statement",
    ]
    assert gaps(found, "DuplicateEntry") == [
        "an entity of this @id stands before; what both say is taken together"
    ]
    assert sorted(gaps(found, "ConflictingValue")) == [
        "several states; kept as statements",
        "several values where one is expected; the first is taken, these are the others",
    ]
    assert "this person has no name; kept as statements" in gaps(found, "NotCaptured")
    assert not [result for result in validate(ntriples(found)).results if result.severity == "Violation"]


def test_a_crate_of_1_0_and_https_schema(tmp_path: Path) -> None:
    document = crate(
        {**action("#a", ["x"], []), "https://schema.org/error": "bad"},
        context="https://w3id.org/ro/crate/1.0/context",
    )
    document["@graph"][0]["@id"] = "ro-crate-metadata.jsonld"
    found = trace(tmp_path, document)
    assert found.source.format_version == "1.0"
    assert (SCHEMA + "error", LiteralValue("bad")) in {item[1:] for item in _statements(found)}


def test_a_language_that_is_none_is_left_out(tmp_path: Path) -> None:
    run = action("#a", [], [], description={"@value": "a", "@language": "en us"})
    assert (SCHEMA + "description", LiteralValue("a")) in {
        item[1:] for item in _statements(trace(tmp_path, crate(run)))
    }


def test_a_digest_is_kept_with_its_algorithm(tmp_path: Path) -> None:
    found = trace(
        tmp_path,
        crate(
            action("#a", [], ["f"]),
            {"@id": "f", "@type": "File", "sha1": "AB", "sha256": "cd"},
            context=[CONTEXT, WFRUN],
        ),
    )
    assert {item[2].lexical for item in _statements(found) if item[1] == RECUP + "digest"} == {
        "sha1:ab",
        "sha256:cd",
    }


names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8).map(
    lambda text: f"#{text}"
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        names, st.tuples(st.lists(names, max_size=4), st.lists(names, max_size=4)), min_size=1, max_size=6
    )
)
def test_generated_actions_come_back(
    tmp_path_factory: pytest.TempPathFactory, made: dict[str, tuple[list[str], list[str]]]
) -> None:
    folder = tmp_path_factory.mktemp("crate")
    reading = rocrate.read(save(folder, crate(*(action(name, *files) for name, files in made.items()))))
    assert isinstance(reading, Trace)
    assert {task.identifier: (set(task.inputs or ()), set(task.outputs or ())) for task in reading.tasks} == {
        name: (set(used) - made.keys(), set(result) - made.keys()) for name, (used, result) in made.items()
    }
    for task in reading.tasks:
        for parent in task.parents:
            assert set(made[parent][1]) & set(made[task.identifier][0])
    again = rocrate.read(
        save(folder, json.dumps(crate(*(action(name, *files) for name, files in made.items())), indent=3))
    )
    assert isinstance(again, Trace)
    assert again.execution == reading.execution
