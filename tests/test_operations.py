"""What operators are given: units, images, dashboards and alert rules that fit the program."""

import configparser
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Counter, Gauge, Histogram

from bot import metrics
from bot.counting import Counts
from bot.durations import Durations
from bot.rules import watching

OPERATIONS = Path(__file__).parents[1] / "docs" / "operations"
SECURITY = OPERATIONS.parent / "security.md"
ENDINGS = {
    Counter: ("_total",),
    Counts: ("_total",),
    Gauge: ("",),
    Histogram: ("_bucket", "_sum", "_count"),
    Durations: ("_bucket", "_sum", "_count"),
}
MOST_EXPOSURE = 15
"""Tenths of what `systemd-analyze security` calls exposure, of 100."""


def exposed() -> dict[str, set[str]]:
    """Every name that `/metrics` can show, and its labels."""
    found: dict[str, set[str]] = {}
    for each in vars(metrics).values():
        for kind, endings in ENDINGS.items():
            if isinstance(each, kind):
                labels = set(getattr(each, "_labelnames", ()))
                for ending in endings:
                    found[each._name + ending] = labels | ({"le"} if ending == "_bucket" else set())
    return found


def asked(expression: str) -> list[tuple[str, set[str]]]:
    """(name, labels) of what an expression asks for."""
    found = []
    for name, selector in re.findall(r"(branchbot_[a-z_]+)(?:\{([^}]*)\})?", expression):
        found.append((name, set(re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", selector))))
    return found


def rules() -> list[dict[str, Any]]:
    loaded = yaml.safe_load((OPERATIONS / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in loaded["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found = json.loads((OPERATIONS / "grafana.json").read_text(encoding="utf-8"))["panels"]
    assert isinstance(found, list)
    return found


def expressions() -> list[str]:
    return [rule["expr"] for rule in rules()] + [target["expr"] for panel in panels() for target in panel["targets"]]


def test_dashboard_and_rules_ask_for_what_is_there() -> None:
    known = exposed()
    for expression in expressions():
        by = {name for names in re.findall(r"by \(([^)]*)\)", expression) for name in names.replace(" ", "").split(",")}
        for name, labels in asked(expression):
            assert name in known, (name, expression)
            assert labels | by <= known[name], (labels | by, expression)


def test_everything_that_is_counted_is_shown() -> None:
    shown = {name for expression in expressions() for name, _ in asked(expression)}
    missing = [name for name in exposed() if not any(each.startswith(name.removesuffix("_sum")) for each in shown)]
    assert [name for name in missing if not name.endswith(("_bucket", "_count"))] == []


def test_every_rule_says_how_bad_it_is_and_what_to_do() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    for rule in rules():
        assert rule["labels"]["severity"] in ("warning", "critical"), rule["alert"]
        assert rule["annotations"].keys() == {"summary", "action"}, rule["alert"]


def test_rules_name_findings_that_exist() -> None:
    source = Path(watching.__file__).read_text(encoding="utf-8") + '"audit"'
    for expression in expressions():
        for words in re.findall(r'branchbot_findings\{key=~"([^"]*)"\}', expression):
            assert all(f'"{word}"' in source for word in words.split("|")), words


def test_panels_do_not_lie_on_each_other() -> None:
    places = [tuple(panel["gridPos"].values()) for panel in panels()]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in panels()}) == len(panels())


def test_the_unit_runs_without_privilege_on_a_read_only_system() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((OPERATIONS / "branchbot.service").read_text(encoding="utf-8"))
    service = unit["Service"]
    assert service["User"] not in ("root", "0", "")
    assert service["ProtectSystem"] == "strict"
    assert service["ReadWritePaths"] == "/var/lib/branchbot"
    assert service["CapabilityBoundingSet"] == ""
    for name in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "RestrictSUIDSGID"):
        assert service[name] == "yes", name
    assert service["UMask"] == "0077"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_the_unit_is_hardly_exposed() -> None:
    unit = OPERATIONS / "branchbot.service"
    options = ("--offline=true", "--no-pager", f"--threshold={MOST_EXPOSURE}")
    done = subprocess.run(
        ["systemd-analyze", "security", *options, str(unit)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_the_image_runs_as_nobody_in_particular() -> None:
    lines = (OPERATIONS / "Containerfile").read_text(encoding="utf-8").splitlines()
    words = [line.split() for line in lines if re.match(r"[A-Z]", line)]
    bases = [each[1] for each in words if each[0] == "FROM"]
    assert all(re.search(r":[0-9][\w.-]+$", base) for base in bases), "a base has a version"
    last = max(place for place, each in enumerate(words) if each[0] == "FROM")
    (user,) = [each[1] for each in words[last:] if each[0] == "USER"]
    assert re.fullmatch(r"[1-9][0-9]{3,}:[1-9][0-9]{3,}", user), (
        "a number, so that an orchestrator can see it is not root"
    )
    after = [each[0] for each in words[last:]]
    assert after.index("USER") < after.index("ENTRYPOINT")
    assert "RUN" not in after[after.index("USER") :]
    assert not {"ADD", "MAINTAINER"} & {each[0] for each in words}
    assert not re.search(r"(?i)(secret|token|password)\S*=", "\n".join(" ".join(each) for each in words))
    copied = [each[1:-1] for each in words if each[0] == "COPY" and "--from=build" not in each]
    assert ["."] not in copied, "only what the program is made of"


def test_the_container_has_a_read_only_file_system_and_no_privilege() -> None:
    service = yaml.safe_load((OPERATIONS / "compose.yaml").read_text(encoding="utf-8"))["services"]["branchbot"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] == "10001:10001"
    assert not {"privileged", "cap_add", "devices", "network_mode", "pid"} & service.keys()
    assert all(port.startswith("127.0.0.1:") for port in service["ports"]), "a proxy stands in front"
    assert all("noexec" in each for each in service["tmpfs"])


def test_the_table_of_requirements_is_whole() -> None:
    text = SECURITY.read_text(encoding="utf-8").partition("level 1\n")[2]
    count = 0
    for line in text.splitlines():
        if found := re.match(r"\| (\d+\.\d+\.)(\d+)(?:–\1(\d+))? [^|]*\| ([✓○–]) \|", line):
            count += int(found[3] or found[2]) - int(found[2]) + 1
            assert found[4] != "○" or len(line.split("|")[3]) > 20, line
    assert count == 70


def test_what_the_security_page_names_is_there() -> None:
    root = OPERATIONS.parents[1]
    for path in re.findall(r"`(tests/[\w/]+(?:\.py)?/?)`", SECURITY.read_text(encoding="utf-8")):
        assert (root / path).exists(), path
