"""Which addresses are public, which hosts are approved, and that nothing else can be connected to."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from spiders.addresses import Addresses, is_public
from spiders.refused import Refused


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
        "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "ff02::1", "::7f00:1", "fec0::1",
        "64:ff9b:1::a00:1", "168.63.129.16", "2001:db8::1", "100::1", "::ffff:0:a00:1",
    ],
)  # fmt: skip
def test_addresses_of_no_public_host(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


def approve(host: str, *allow: str) -> str:
    async def ask() -> str:
        addresses = Addresses(allow)
        approved = await addresses.approve(host)
        (found,) = await addresses.resolve(host.upper(), 80)
        assert (found["host"], found["port"], found["hostname"]) == (approved, 80, host.upper())
        return approved

    return asyncio.run(ask())


def test_allowed_hosts_and_their_subdomains_may_be_private() -> None:
    assert approve("paper.localhost", "localhost") == "127.0.0.1"
    assert approve("localhost", "localhost") == "127.0.0.1"
    assert approve("127.0.0.1", "127.0.0.1") == "127.0.0.1"
    assert approve("paper.localhost.", "localhost") == "127.0.0.1"


@pytest.mark.parametrize(
    "host",
    [
        "paper.localhost",
        "notlocalhost",
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "::1",
        "[::1]",
        "10.0.0.1",
        "0177.0.0.1",
        "127.1",
        "localhost.",
        "127.0.0.1.",
        "::ffff:7f00:1",
        "0.0.0.0",
    ],
)
def test_other_hosts_may_not_however_they_are_written(host: str) -> None:
    with pytest.raises(Refused) as caught:
        approve(host, "example.org", "host")
    assert caught.value.reason in {"private_address", "dns"}


def test_a_name_that_answers_differently_later_is_still_the_address_that_was_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [["93.184.216.34"], ["127.0.0.1"]]

    async def rebinding(_host: str) -> list[str]:
        return answers.pop(0)

    async def ask() -> list[str]:
        addresses = Addresses(())
        return [(await addresses.resolve("rebinding.example"))[0]["host"] for _ in range(3)]

    monkeypatch.setattr("spiders.addresses._resolve", rebinding)
    assert asyncio.run(ask()) == ["93.184.216.34"] * 3


def test_a_connection_is_made_to_approved_addresses_only() -> None:
    async def ask() -> None:
        connector = aiohttp.TCPConnector(resolver=Addresses(()), use_dns_cache=False)
        async with aiohttp.ClientSession(connector=connector) as session:
            await session.get("http://paper.localhost:9/")

    with pytest.raises(Refused, match="private_address"):
        asyncio.run(ask())
