"""Distinguished names: how people write them, and that text and encoding are one."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from workflows.errors import InvalidName
from workflows.pki import names
from workflows.pki.texts import is_plain

plain_text = (
    st.text(st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs")), min_size=1, max_size=16)
    .filter(lambda text: all(map(is_plain, text)))
    .filter(str.strip)
)
subjects = st.lists(
    st.tuples(
        st.sampled_from(["CN", "ou", "O", "L", "st", "UID", "street", "1.3.6.1.4.1.32473.1"]), plain_text
    ),
    min_size=1,
    max_size=6,
)


def quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def escaped(value: str) -> str:
    return "".join("\\" + letter if letter in ' "#+,;<=>\\' else letter for letter in value)


@given(subjects)
def test_what_is_written_in_quotes_escapes_or_hexadecimal_means_the_same(
    parts: list[tuple[str, str]],
) -> None:
    def hexadecimal(value: str) -> str:
        return "".join(f"\\{octet:02x}" for octet in value.encode())

    texts = [
        ", ".join(f"{kind} = {form(value)}" for kind, value in parts)
        for form in (quoted, escaped, hexadecimal)
    ]
    first, second, third = map(names.parse_name, texts)
    assert first == second == third


@given(subjects)
def test_the_text_of_a_name_means_that_name(parts: list[tuple[str, str]]) -> None:
    name = names.parse_name(",".join(f"{kind}={quoted(value)}" for kind, value in parts))
    assert names.parse_name(names.format_name(name)) == name
    assert names.checked_name(name) == name
    assert len(name.rdns) == len(parts)


@given(st.text(max_size=80))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    try:
        name = names.parse_name(text)
    except InvalidName:
        return
    assert names.parse_name(names.format_name(name)) == name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("  \n", ""),
        ("  cn=a \n", "CN=a"),
        ("CN=a\\ ", "CN=a"),
        ("CN=appsrvr12.keyexample.com, ST=OH,C=us", "CN=appsrvr12.keyexample.com,ST=OH,C=US"),
        ('CN=a,O="Key Example, Inc."', 'CN=a,O="Key Example, Inc."'),
        ("CN=a,O=Key Example\\, Inc.", 'CN=a,O="Key Example, Inc."'),
        ("CN=a=b", "CN=a=b"),
        ("CN=J\\C3\\BCrgen", "CN=Jürgen"),
        ("EMAILADDRESS=j@Key.Example,CN=j", "E=j@key.example,CN=j"),
        ("E=j@key.example,S=OH", "E=j@key.example,ST=OH"),
        ("2.5.4.3=a", "CN=a"),
        ("CN=u\u0308", "CN=\u00fc"),
    ],
)
def test_names_are_read_as_people_write_them(text: str, shown: str) -> None:
    assert names.format_name(names.parse_name(text)) == shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("appsrvr12.keyexample.com", "position 1"),
        ("CN=a,", "position 6"),
        ("CN=a,,O=b", "position 6"),
        ('CN="a', "position 1"),
        ('CN="a" b', "position 1"),
        ("CN=a;O=b", "position 5"),
        ("CN=a<b", "position 1"),
        ("CN=a+OU=b", "each its own part"),
        ("CN=#0401", "hexadecimal"),
        ("CN=a\\z", "escapes 'z'"),
        ("CN=\\FF", "not UTF-8"),
        ("CN=", "is empty"),
        ('CN="  "', "is empty"),
        ("XX=a", "unknown part 'XX'"),
        ("9.9=a", "position 1"),
        ("1.99.1=a", "not an object identifier"),
        ("CN=" + "a" * 65, "takes 65 bytes; at most 64"),
        ("CN=" + "ü" * 33, "takes 66 bytes; at most 64"),
        ("C=USA", "takes 3 bytes; at most 2"),
        ("C=U1", "two letters"),
        ("C=ü", "two letters"),
        ("SERIALNUMBER=a_b", "only letters, digits"),
        ("DC=ü", "only ASCII"),
        ("E=nobody", "name@host"),
        ("CN=a\\00b", r"U\+0000"),
        ("CN=a\nb", r"U\+000A"),
        ("CN=a\u202eb", r"U\+202E"),
        ("CN=a\ud800", r"U\+D800"),
        ("CN=" + "a" * 3000, "3,003 characters"),
    ],
)
def test_a_bad_name_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(InvalidName, match=message):
        names.parse_name(text)


def test_parts_are_listed_most_specific_first() -> None:
    name = names.parse_name("CN=a,OU=one,OU=two,O=o,E=a@b.c")
    assert names.subject_parts(name) == {"CN": ["a"], "OU": ["one", "two"], "O": ["o"], "E": ["a@b.c"]}
    assert names.common_name(name) == "a"
    assert names.common_name(names.parse_name("O=o")) == ""


def test_names_of_others_show_whatever_they_hold() -> None:
    several = x509.RelativeDistinguishedName(
        [x509.NameAttribute(NameOID.COMMON_NAME, "a\x00b"), x509.NameAttribute(NameOID.USER_ID, " x")]
    )
    name = x509.Name([several])
    assert set(names.format_name(name).split("+")) == {"CN=a\\00b", 'UID=" x"'}
    with pytest.raises(InvalidName, match="each its own part"):
        names.checked_name(name)


def test_hidden_characters_of_other_names_show_as_escapes() -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a\u202eb\u200c")])
    assert names.format_name(name) == "CN=a\\E2\\80\\AEb\u200c"
