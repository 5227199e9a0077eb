"""What Ansible, NetBox and Kubernetes tell of the estate, or why it is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from towpath.estate.actions.reports import take_in
from towpath.estate.models import Item
from towpath.estate.sources import documents
from towpath.estate.sources.reading import form_of, read_report
from towpath.estate.sources.report import Report, ReportRefused, SeenItem
from towpath.foundation.access.actor import OPERATOR

FACTS = {
    "ansible_facts": {
        "ansible_hostname": "db1",
        "ansible_fqdn": "db1.example.org",
        "ansible_machine_id": "0123456789abcdef0123456789abcdef",
        "ansible_product_serial": "SN-4711",
        "ansible_distribution": "Debian",
        "ansible_distribution_version": "12.5",
        "ansible_processor_vcpus": 8,
        "ansible_all_ipv4_addresses": ["192.0.2.11", "127.0.0.1"],
        "ansible_all_ipv6_addresses": ["fe80::1", "2001:db8::11"],
        "ansible_eth0": {"macaddress": "52:54:00:12:34:56", "type": "ether"},
        "ansible_lo": {"type": "loopback", "macaddress": "00:00:00:00:00:00"},
        "ansible_date_time": {"iso8601": "2026-03-10T09:00:00Z"},
        "ansible_env": {"PASSWORD": "hunter2"},
    }
}
DEVICES = {
    "count": 3,
    "results": [
        {
            "id": 1, "name": "sw1", "device_type": {"model": "EX4300"}, "role": {"slug": "access-switch"},
            "serial": "JN1", "status": {"value": "active"}, "site": {"name": "Utrecht"},
        },
        {
            "id": 2, "name": "db1", "device_type": {"model": "R650"}, "role": {"slug": "server"},
            "serial": "SN-4711", "tenant": {"name": "Platform"}, "primary_ip4": {"address": "192.0.2.11/24"},
        },
        {"id": 3, "name": None, "device_type": {"model": "R650"}},
    ],
}  # fmt: skip
MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: payment-hub, namespace: pay, labels: {team: Payments}}
spec:
  replicas: 3
  selector: {matchLabels: {app: hub}}
  template:
    metadata: {labels: {app: hub}}
    spec:
      containers:
        - {name: hub, image: "registry.example/hub:1.4", env: [{name: PASSWORD, value: hunter2}]}
      volumes: [{name: data, persistentVolumeClaim: {claimName: hub-data}}]
---
apiVersion: v1
kind: Service
metadata: {name: payments, namespace: pay}
spec: {selector: {app: hub}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: hub, namespace: pay}
spec: {minAvailable: 2, selector: {matchLabels: {app: hub}}}
---
apiVersion: v1
kind: Secret
metadata: {name: key, namespace: pay}
data: {token: aHVudGVyMg==}
"""


def put(folder: Path, name: str, told: Any) -> Path:
    path = folder / name
    path.write_text(told if isinstance(told, str) else json.dumps(told))
    return path


def items(report: Report) -> dict[str, SeenItem]:
    return {each.name: each for each in report.items}


def test_ansibles_facts_name_a_host_by_all_that_tells_it_from_others(tmp_path: Path) -> None:
    path = put(tmp_path, "db1", FACTS)
    assert form_of(path) == "ansible"
    report = read_report(path)
    (host,) = report.items
    assert report.at == datetime(2026, 3, 10, 9, tzinfo=UTC)
    assert set(host.keys) == {
        ("serial", "SN-4711"), ("machine_id", "0123456789abcdef0123456789abcdef"),
        ("mac", "52:54:00:12:34:56"), ("fqdn", "db1.example.org"), ("ip", "192.0.2.11"),
        ("ip", "2001:db8::11"),
    }  # fmt: skip
    assert host.facts == {"os": "Debian", "os_version": "12.5", "cpus": "8"}
    assert "hunter2" not in repr(report)


def test_several_hosts_may_stand_in_one_file_by_name_or_in_a_list(tmp_path: Path) -> None:
    plain = {"ansible_all_ipv4_addresses": ["192.0.2.12"], "ansible_product_serial": "NA"}
    by_name = read_report(put(tmp_path, "cache.json", {"db1": FACTS, "db2": {"ansible_facts": plain}}))
    assert [(each.name, len(each.keys)) for each in by_name.items] == [("db1", 6), ("db2", 1)]
    in_list = read_report(
        put(tmp_path, "list.json", [FACTS, {"inventory_hostname": "db2", "ansible_facts": plain}])
    )
    assert [each.name for each in in_list.items] == ["db1", "db2"]


def test_a_host_that_nothing_tells_from_others_is_left_out_and_said(tmp_path: Path) -> None:
    bare = {"ansible_facts": {"ansible_hostname": "bare", "ansible_product_serial": "To Be Filled By O.E.M."}}
    report = read_report(put(tmp_path, "bare", bare))
    assert report.items == ()
    assert report.doubts == ("bare: nothing tells it from other hosts, neither name, address nor number.",)


def test_netboxs_devices_are_hosts_storage_or_network_by_their_role(tmp_path: Path) -> None:
    path = put(tmp_path, "devices.json", DEVICES)
    assert form_of(path) == "netbox"
    report = read_report(path)
    found = items(report)
    assert (found["sw1"].kind, found["db1"].kind) == ("network_device", "host")
    assert found["db1"].keys == (("serial", "SN-4711"), ("ip", "192.0.2.11"))
    assert found["db1"].facts == {"owner": "Platform", "model": "R650", "role": "server"}
    assert report.doubts == ("record 3: it has no name and was left out.",)


def test_machines_run_on_their_cluster_and_cables_lead_to_the_network(tmp_path: Path) -> None:
    told = {
        "devices": DEVICES["results"],
        "machines": [{"name": "vm1", "vcpus": 4, "cluster": {"name": "vsphere"}, "memory": 8192}],
        "addresses": [
            {
                "address": "192.0.2.50/24", "family": {"value": 4},
                "assigned_object": {"virtual_machine": {"name": "vm1"}},
            }
        ],
        "cables": [
            {
                "id": 7, "a_terminations": [{"object": {"device": {"name": "sw1"}}}],
                "b_terminations": [{"object": {"device": {"name": "db1"}}}],
            },
            {"id": 8, "a_terminations": [{"object": {"device": {"name": "gone"}}}], "b_terminations": [
                {"object": {"device": {"name": "db1"}}}]},
        ],
    }  # fmt: skip
    report = read_report(put(tmp_path, "all.json", told))
    assert items(report)["vm1"].keys == (("ip", "192.0.2.50"),)
    assert [(each.kind, each.start, each.end) for each in report.links] == [
        ("runs_on", "machine:vm1", "cluster:vsphere"),
        ("connects_to", "device:db1", "device:sw1"),
    ]
    assert "cable 8: an end of it is not among the devices." in report.doubts


def test_manifests_tell_workloads_who_sends_them_requests_and_what_they_store(tmp_path: Path) -> None:
    path = put(tmp_path, "pay.yaml", MANIFEST)
    assert form_of(path) == "kubernetes"
    report = read_report(path, site="prod")
    found = items(report)
    assert found["payment-hub"].facts == {
        "namespace": "pay", "workload": "Deployment", "replicas": "3", "images": "registry.example/hub:1.4",
        "owner": "Payments", "min_available": "2",
    }  # fmt: skip
    assert {(each.kind, each.start, each.end) for each in report.links} == {
        ("runs_on", "pay/payment-hub", "cluster prod"),
        ("depends_on", "pay/payment-hub", "claim pay/hub-data"),
        ("depends_on", "service pay/payments", "pay/payment-hub"),
    }
    assert report.doubts == ("1 of the kind Secret are not read.",)
    assert "hunter2" not in repr(report)
    assert "aHVudGVyMg" not in repr(report)


def test_a_list_in_json_is_read_as_the_same_and_made_pods_are_no_applications(tmp_path: Path) -> None:
    pod = {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": "hub-x1", "ownerReferences": [{"name": "hub"}]},
    }
    work = {
        "kind": "DaemonSet",
        "apiVersion": "apps/v1",
        "metadata": {"name": "agent"},
        "spec": {"template": {}},
    }
    report = read_report(
        put(tmp_path, "list.json", {"kind": "List", "apiVersion": "v1", "items": [pod, work]})
    )
    assert [each.name for each in report.items] == ["agent"]


def test_a_name_that_two_spaces_use_is_told_with_its_space(tmp_path: Path) -> None:
    twice = MANIFEST.partition("---")[0]
    report = read_report(
        put(tmp_path, "two.yaml", twice + "---" + twice.replace("namespace: pay", "namespace: test"))
    )
    applications = [each.name for each in report.items if each.kind == "application"]
    assert applications == ["pay/payment-hub", "test/payment-hub"]


BOMB = "a: &a [x,x]\nb: &b [*a,*a]\nkind: Deployment\napiVersion: v1\n"


@pytest.mark.parametrize(
    ("name", "told", "form", "why"),
    [
        ("facts.json", '{"ansible_facts": {', "", "It is no JSON"),
        ("facts.json", {"ansible_facts": {}}, "ansible", "holds no `ansible_facts`"),
        ("facts.json", "[" * 100_000, "ansible", "nested too deep|no JSON"),
        ("box.json", {"results": [{"name": "x"}]}, "", "neither devices nor virtual machines"),
        ("box.json", "nothing", "netbox", "line 1: It is no JSON"),
        ("pod.yaml", "kind: Secret\napiVersion: v1\n", "", "holds no workload"),
        ("pod.yaml", BOMB, "", "stands for another one"),
        ("pod.yaml", "kind: [Deployment\n", "kubernetes", "It is no YAML"),
        ("pod.yaml", "kind: !!python/object/apply:os.system [ls]\napiVersion: v1\n", "", "It is no YAML"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(
    tmp_path: Path, name: str, told: object, form: str, why: str
) -> None:
    with pytest.raises(ReportRefused, match=why) as refused:
        read_report(put(tmp_path, name, told), form)
    assert str(refused.value).startswith(name)


def test_a_file_that_is_too_large_or_no_text_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "facts.json"
    path.write_bytes(b'{"ansible_facts": "\xff"}')
    with pytest.raises(ReportRefused, match=r"not in UTF-8 \(byte 19\)"):
        read_report(path)
    monkeypatch.setattr(documents, "MOST_BYTES", 10)
    with pytest.raises(ReportRefused, match="more than 64 MB"):
        read_report(path)


@pytest.mark.django_db
def test_what_three_tools_tell_of_one_machine_is_one_item(tmp_home: object, tmp_path: Path) -> None:
    take_in(OPERATOR, "ansible", read_report(put(tmp_path, "db1", FACTS)))
    take_in(OPERATOR, "netbox", read_report(put(tmp_path, "devices.json", DEVICES)))
    take_in(OPERATOR, "kubernetes", read_report(put(tmp_path, "pay.yaml", MANIFEST), site="prod"))
    db1 = Item.objects.get(name="db1", merged_into=None)
    assert (db1.seen_by, db1.owner, db1.kind) == (2, "Platform", "host")
    assert Item.objects.filter(name="payment-hub", kind="application").count() == 1
