"""A person's export, opened and checked by readers of other makes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pyrage
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

import pytest

import conek
from conek import ExportKind, ExportOptions
from tests.test_engine import Bench, answer, bench, customer

__all__ = ["bench"]


async def exported(bench: Bench, to: Path, options: ExportOptions | None = None) -> conek.ExportReport:
    engine = await bench.open()
    person = await customer(engine)
    hostile = conek.NewContact(phone=bench_phone(), attributes={"=HYPERLINK(1)": "=1+1", "city": "@home"})
    await engine.contacts.upsert(hostile)
    await engine.messages.send(answer())
    assert await engine.settle()
    return await engine.rights.export(person, to=str(to), options=options or ExportOptions())


def bench_phone() -> str:
    return "+27821234567"


def check(archive: zipfile.ZipFile) -> dict[str, object]:
    """Names, sizes, hashes and the signature; the manifest."""
    assert archive.testzip() is None
    manifest_bytes = archive.read("manifest.json")
    manifest: dict[str, object] = json.loads(manifest_bytes)
    assert manifest["format"] == "conek-dsr/1"
    listed = manifest["files"]
    assert isinstance(listed, list)
    assert {f["path"] for f in listed} | {"manifest.json", "manifest.sig"} == set(archive.namelist())
    for file in listed:
        content = archive.read(file["path"])
        assert len(content) == file["size"]
        assert hashlib.sha256(content).hexdigest() == file["sha256"], file["path"]
        if file["path"].endswith(".schema.json"):
            assert json.loads(content)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    key = load_pem_public_key(archive.read("public_key.pem"))
    assert isinstance(key, Ed25519PublicKey)
    key.verify(archive.read("manifest.sig"), manifest_bytes)
    with pytest.raises(InvalidSignature):
        key.verify(archive.read("manifest.sig"), manifest_bytes + b" ")
    return manifest


async def test_an_export_is_read_whole_and_says_the_same_in_every_form(bench: Bench, tmp_path: Path) -> None:
    to = tmp_path / "export.zip"
    report = await exported(bench, to)
    assert hashlib.sha256(to.read_bytes()).hexdigest() == report.sha256
    assert to.stat().st_size == report.bytes and not report.encrypted
    with zipfile.ZipFile(to) as archive:
        check(archive)
        for section, count in report.sections.items():
            items = json.loads(archive.read(f"data/{section}.json"))
            table = io.StringIO(archive.read(f"csv/{section}.csv").decode("utf-8-sig"), newline="")
            rows = list(csv.DictReader(table))
            assert len(items) == len(rows) == count
            schema = json.loads(archive.read(f"schemas/{section}.schema.json"))
            fields = schema.get("items", schema).get("properties", {})
            for item, row in zip(items, rows, strict=True):
                assert isinstance(item["portable"], bool) and item["portable_reason"]
                for name, cell in row.items():
                    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or isinstance(item[name], int | float)
                for name in set(item) & set(fields):
                    allowed = fields[name]["type"]
                    kinds = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict, "null": type(None)}
                    allowed = [allowed] if isinstance(allowed, str) else allowed
                    assert isinstance(item[name], tuple(kinds[kind] for kind in allowed)), (section, name, item[name])
        person = json.loads(archive.read("data/person.json"))[0]
        assert person["phone"] == bench_phone() and person["attributes"]["city"] == "@home"
        received = archive.read("data/received.json").decode()
        assert "Hello" in received
        card = archive.read("contact.vcf").decode()
        assert card.startswith("BEGIN:VCARD\r\nVERSION:4.0\r\n") and bench_phone() in card


async def test_a_sealed_export_opens_with_the_recipients_key_alone(bench: Bench, tmp_path: Path) -> None:
    to = tmp_path / "export.zip.age"
    theirs, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    options = ExportOptions(kind=ExportKind.PORTABILITY, recipient=str(theirs.to_public()))
    report = await exported(bench, to, options)
    sealed = to.read_bytes()
    assert report.encrypted and b"Nomvula" not in sealed
    with zipfile.ZipFile(io.BytesIO(pyrage.decrypt(sealed, [theirs]))) as archive:
        manifest = check(archive)
        assert manifest["kind"] == "portability"
        assert json.loads(archive.read("data/messages.json")) == [], "what the business wrote is not portable"
    for key, content in [(other, sealed), (theirs, sealed[:-1]), (theirs, sealed[:-9] + b"x" + sealed[-8:])]:
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(content, [key])
