"""Subject alternative names: every kind, every form, and that each form gives back the same names."""

from __future__ import annotations

import ipaddress

import pytest
from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier
from hypothesis import given
from hypothesis import strategies as st

from workflows.errors import InvalidName
from workflows.pki import general_names, internet, sans
from workflows.pki.sans import San, SanKind

labels = st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True).filter(
    lambda label: label[2:4] != "--"
)
hosts = st.lists(labels, min_size=1, max_size=4).map(".".join)
names = st.one_of(
    st.tuples(st.just("dns"), hosts),
    st.tuples(st.sampled_from(["ip", "ip4"]), st.ip_addresses(v=4).map(str)),
    st.tuples(st.sampled_from(["ip", "ip6"]), st.ip_addresses(v=6).map(str)),
    st.tuples(st.just("rfc822"), hosts.map("some.body+x@{}".format)),
    st.tuples(st.just("uri"), hosts.map("https://{}:8443/a?b=c%20d".format)),
    st.tuples(
        st.just("ms_ntprincipalname"), st.integers(1, 240).map(lambda size: "é" * (size // 2) + "a@b.c")
    ),
    st.tuples(st.just("registeredid"), st.integers(0, 10**9).map("1.3.6.1.4.1.{}".format)),
)
some_names = st.lists(names, max_size=12)


@given(some_names)
def test_every_form_gives_back_the_same_names(pairs: list[tuple[str, str]]) -> None:
    found = sans.canonical(sans.san(key, value) for key, value in pairs)
    assert sans.parse_sans(sans.keyed(found)) == found
    assert sans.parse_grouped(sans.grouped(found)) == found
    assert general_names.from_extension(general_names.to_extension(found)) == found


@given(some_names, st.randoms())
def test_order_case_and_repetition_do_not_matter(pairs: list[tuple[str, str]], random: object) -> None:
    found = sans.canonical(sans.san(key, value) for key, value in pairs)
    again = [(key.upper(), value) for key, value in pairs + pairs]
    random.shuffle(again)  # type: ignore[attr-defined]
    assert sans.canonical(sans.san(key, value) for key, value in again) == found


@given(st.sampled_from([*(kind.key for kind in SanKind), "ip", "other", "x400"]), st.text(max_size=60))
def test_any_text_is_a_name_or_refused(key: str, value: str) -> None:
    try:
        found = sans.san(key, value)
    except InvalidName:
        return
    assert sans.san(found.kind.key, found.value) == found
    assert general_names.from_extension(general_names.to_extension([found])) == (found,)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("DNS", "WWW.KeyExample.com", San(SanKind.DNS, "www.keyexample.com")),
        ("dns", "server1", San(SanKind.DNS, "server1")),
        ("dns", "*.keyexample.com", San(SanKind.DNS, "*.keyexample.com")),
        ("dns", "bücher.keyexample.com", San(SanKind.DNS, "xn--bcher-kva.keyexample.com")),
        ("dns", "xn--fa-hia.keyexample.com", San(SanKind.DNS, "xn--fa-hia.keyexample.com")),
        ("ip", "192.0.2.7", San(SanKind.IP4, "192.0.2.7")),
        ("ip", "2001:DB8::0:7", San(SanKind.IP6, "2001:db8::7")),
        ("rfc822", "J.Smith@KeyExample.com", San(SanKind.MAIL, "J.Smith@keyexample.com")),
        ("uri", "urn:uuid:9f0c1b9e-3b9c-4c51-9c0d-0f2f0a8f9a55", None),
        ("uri", "https://[2001:db8::7]:8443/x", None),
        ("uri", "spiffe://keyexample.com/web", None),
        ("ms_ntprincipalname", "jürgen@keyexample.local", None),
        ("registeredid", "1.3.6.1.4.1.32473.1", None),
    ],
)
def test_values_become_canonical(key: str, value: str, expected: San | None) -> None:
    found = sans.san(key, value)
    assert found == expected or (expected is None and found.value == value)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("x400", "a", "not supported; use one of ip, dns"),
        ("directory", "CN=a", "not supported"),
        ("dns", "", "is empty"),
        ("dns", "a..b", "label ''"),
        ("dns", "a.b.", "label ''"),
        ("dns", "-a.b", "label '-a'"),
        ("dns", "a_b.c", "label 'a_b'"),
        ("dns", "a b.c", "label 'a b'"),
        ("dns", "ab--c.d", "label 'ab--c'"),
        ("dns", "xn--zz--.d", "label 'xn--zz--'"),
        ("dns", "xn--abc-.d", "label 'xn--abc-'"),
        ("dns", "faß.de", "write it as an A-label"),
        ("dns", "\uff4bey.example", "write it as an A-label"),
        ("dns", "a." + "b" * 64, "label 'bbb"),
        ("dns", ".".join(["a" * 50] * 6), "305 characters"),
        ("dns", "*", "covers too much"),
        ("dns", "*.com", "covers too much"),
        ("dns", "www.*.com", r"label '\*'"),
        ("dns", "w*.keyexample.com", r"label 'w\*'"),
        ("dns", "192.0.2.7", "as an IP address"),
        ("dns", "a\x00.b", r"U\+0000"),
        ("ip", "192.0.2", "not an IP address"),
        ("ip", "192.0.2.0/24", "not an IP address"),
        ("ip", "fe80::1%eth0", "network interface"),
        ("ip4", "::1", "IPv6 address; give it as ip or ip6"),
        ("ip6", "192.0.2.7", "IPv4 address; give it as ip or ip4"),
        ("rfc822", "nobody", "name@host"),
        ("rfc822", "jürgen@key.example", "ASCII"),
        ("rfc822", "a..b@key.example", "name@host"),
        ("rfc822", "a@*.key.example", "one host"),
        ("rfc822", "a@b@c", "name@host"),
        ("uri", "/path", "absolute URI"),
        ("uri", "https://ü.example", "absolute URI"),
        ("uri", "https://a b", "absolute URI"),
        ("uri", "https://a/%zz", "absolute URI"),
        ("uri", "https:///x", "one host"),
        ("uri", "https://*.key.example/", "one host"),
        ("uri", "https://a_b/", "label 'a_b'"),
        ("uri", "https://[::1/", "cannot be read"),
        ("uri", "https://a:99999/", "cannot be read"),
        ("ms_ntprincipalname", "jsmith", "user@domain"),
        ("ms_ntprincipalname", "a" * 250 + "@b.example", "260 bytes"),
        ("registeredid", "9.9", "object identifier"),
    ],
)
def test_a_bad_name_is_refused_with_the_reason(key: str, value: str, message: str) -> None:
    with pytest.raises(InvalidName, match=message):
        sans.san(key, value)


@pytest.mark.parametrize("value", [None, 7, "www.keyexample.com", {"a": "b"}, [7], [None]])
def test_requests_of_another_shape_are_refused(value: object) -> None:
    if value is None:
        assert sans.parse_sans({"dns": value}) == ()
        return
    with pytest.raises(InvalidName, match="list of texts"):
        sans.parse_sans({"dns": value})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "value", [7, [], "a", {"DNS Name": "a"}, {"DNS Name": ["a"]}, {"DNS Name": {"Entry 1": 7}}]
)
def test_instance_data_of_another_shape_is_refused(value: object) -> None:
    with pytest.raises(InvalidName, match=r"groups of entries|list of texts"):
        sans.parse_grouped(value)


def test_instance_data_with_an_unknown_group_is_refused() -> None:
    with pytest.raises(InvalidName, match="'DNS' is no group"):
        sans.parse_grouped({"DNS": {"Entry 1": "a"}})


def test_instance_data_has_the_documented_shape() -> None:
    found = sans.parse_sans({"dns": ["b.example", "a.example"], "ip": ["192.0.2.7"], "rfc822": None})
    assert sans.grouped(found) == {
        "DNS Name": {"Entry 1": "a.example", "Entry 2": "b.example"},
        "IPv4 Address": {"Entry 1": "192.0.2.7"},
    }
    assert sans.parse_grouped(None) == ()


def test_there_is_a_limit() -> None:
    with pytest.raises(InvalidName, match="501 SANs; at most 500"):
        sans.parse_sans({"dns": [f"h{number}.example" for number in range(501)]})


@pytest.mark.parametrize(
    "name",
    [
        x509.DirectoryName(x509.Name([])),
        x509.OtherName(ObjectIdentifier("1.2.3"), b"\x0c\x01a"),
        x509.OtherName(general_names.UPN_OID, b"\x0c\x05a@b"),
        x509.OtherName(general_names.UPN_OID, b"\x16\x03a@b"),
        x509.IPAddress(ipaddress.ip_network("192.0.2.0/24")),
    ],
)
def test_names_that_we_do_not_issue_are_refused(name: x509.GeneralName) -> None:
    with pytest.raises(InvalidName):
        general_names.from_general_name(name)


def test_hosts_of_internationalised_domains_have_one_form() -> None:
    assert internet.dns_name("BÜCHER.example") == internet.dns_name("xn--bcher-kva.EXAMPLE")
