"""What a host would write: a storage in memory, a transport that records, a rule, a key provider."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timezone

import conek
from conek import (
    Batch,
    Claim,
    Committed,
    Content,
    Decision,
    Index,
    Key,
    Outgoing,
    Page,
    Parsed,
    PolicyCase,
    Purpose,
    Query,
    Reason,
    Record,
    Reply,
    SendOutcome,
    StorageFault,
    Update,
    Upload,
    Verification,
    WebhookRequest,
    Write,
    replace,
)

Name = tuple[str, str, str]


class Refused(Exception):
    """A step of a batch that does not fit."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def name(thing: Record | Key) -> Name:
    return thing.account, thing.kind, thing.id


class MemoryStorage:
    """Everything in one dictionary; a batch works on a copy and then takes its place."""

    def __init__(self) -> None:
        self.records: dict[Name, Record] = {}
        self.appended = 0

    async def commit(self, batches: list[Batch]) -> list[Committed]:
        answers: list[Committed] = []
        for batch in batches:
            before, ids = dict(self.records), []
            for i, write in enumerate(batch.writes):
                try:
                    given = self._apply(write)
                except Refused as refused:
                    self.records = before
                    answers.append(Committed.Conflict(write=i, reason=refused.reason))
                    break
                if given is not None:
                    ids.append(given)
            else:
                answers.append(Committed.Done(appended=ids))
        return answers

    def _apply(self, write: Write) -> str | None:
        match write:
            case Write.Insert(record=record):
                if name(record) in self.records:
                    raise Refused("exists")
                self._store(record)
            case Write.Put(record=record):
                self._store(record)
            case Write.Replace(record=record, version=version):
                self._at(name(record), version)
                self._store(record)
            case Write.Append(record=record):
                self.appended += 1
                record = replace(record, id=f"{self.appended:020}")
                self._store(record)
                return record.id
            case Write.Change(patch=patch):
                old = self._at(name(patch.key), patch.version)
                changes: dict[str, object] = {
                    "state": patch.state,
                    "queue": patch.queue,
                    "due_at": patch.due_at,
                }
                for field in ("clear", "sealed", "tokens"):
                    if getattr(patch, field) is not None:
                        changes[field] = getattr(patch, field)
                self._store(replace(old, **changes))
            case Write.Delete(key=key, version=version):
                self._at(name(key), version)
                del self.records[name(key)]
            case Write.Check(key=key, version=version):
                if version == 0:
                    if name(key) in self.records:
                        raise Refused("exists")
                else:
                    self._at(name(key), version)
        return None

    def _at(self, key: Name, version: int) -> Record:
        record = self.records.get(key)
        if record is None or record.version != version:
            raise Refused("version")
        return record

    def _store(self, record: Record) -> None:
        for token in (t for t in record.tokens if t.unique):
            for other in self.records.values():
                same_kind = (other.account, other.kind) == (record.account, record.kind)
                if same_kind and other.id != record.id and self._holds(other, token.name, token.value, True):
                    raise Refused(f"token:{token.name}")
        old = self.records.get(name(record))
        self.records[name(record)] = replace(record, version=(old.version if old else 0) + 1)

    @staticmethod
    def _holds(record: Record, token: str, value: str, unique: bool = False) -> bool:
        return any((t.name, t.value) == (token, value) and (t.unique or not unique) for t in record.tokens)

    async def get(self, keys: list[Key]) -> list[Record | None]:
        return [self.records.get(name(key)) for key in keys]

    def _matching(self, query: Query) -> list[tuple[list[str], Record]]:
        found: list[tuple[list[str], Record]] = []
        for record in self.records.values():
            if record.account != query.account or (query.kind and record.kind != query.kind):
                continue
            if query.state is not None and record.state != query.state:
                continue
            by: list[str]
            match query.index:
                case Index.Id():
                    by = [record.id]
                case Index.Token(name=token, value=value):
                    if not self._holds(record, token, value):
                        continue
                    by = [record.id]
                case Index.Group(group=group):
                    if record.group != group:
                        continue
                    by = [record.id]
                case Index.Subject(person=person):
                    if person not in record.subjects:
                        continue
                    by = [record.kind, record.id]
                case Index.Due(queue=queue, until=until):
                    if record.queue != queue or record.due_at is None or record.due_at > until:
                        continue
                    by = [moment(record.due_at), record.id]
                case Index.Expired(until=until):
                    if record.expires_at is None or record.expires_at > until:
                        continue
                    by = [moment(record.expires_at), record.kind, record.id]
                case _:
                    raise conek.InternalError("an index of a newer conek")
            found.append((by, record))
        found.sort(key=lambda pair: pair[0], reverse=query.descending)
        return found

    async def find(self, query: Query) -> Page:
        found = self._matching(query)
        if query.after is not None:
            # By id, the cursor is the id itself.
            by_id = isinstance(query.index, Index.Id)
            after: list[str] = [query.after] if by_id else json.loads(query.after)
            found = [p for p in found if (p[0] < after if query.descending else p[0] > after)]
        page = found[: query.limit]
        more = len(found) > len(page)
        cursor = None
        if more:
            by, record = page[-1]
            cursor = record.id if isinstance(query.index, Index.Id) else json.dumps(by)
        return Page(records=[r for _, r in page], next=cursor if more else None)

    async def count(self, query: Query) -> int:
        return len(self._matching(query))

    async def claim(self, work: Claim) -> list[Record]:
        due = [
            r
            for r in self.records.values()
            if (r.account, r.kind, r.queue, r.state) == (work.account, work.kind, work.queue, work.state)
            and r.due_at is not None
            and r.due_at <= work.now
        ]
        due.sort(key=lambda r: (moment(r.due_at), r.id))
        taken = []
        for record in due[: work.limit]:
            self._store(replace(record, state=work.new_state, queue=work.new_queue, due_at=work.lease_until))
            taken.append(self.records[name(record)])
        return taken

    async def backup(self, to: str) -> None:
        try:
            with open(to, "x") as file:
                file.write(str(len(self.records)))
        except FileExistsError as exists:
            raise conek.StorageError(StorageFault.UNAVAILABLE, "the file exists already") from exists

    async def verify(self) -> Verification:
        return Verification(records=len(self.records))



def moment(at: datetime | None) -> str:
    assert at is not None
    return at.astimezone(timezone.utc).strftime("%Y%m%d%H%M%S%f")


SECRET = b"the app's secret"


class RecordingTransport:
    """Accepts everything and keeps it; its webhooks are JSON with an HMAC."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Outgoing]] = []

    async def send(self, permit_id: str, message: Outgoing) -> SendOutcome:
        self.sent.append((permit_id, message))
        return SendOutcome.Accepted(wamid=f"wamid.{len(self.sent)}", status="accepted")

    async def upload(self, upload: Upload) -> str:
        return f"media-{len(upload.bytes)}"

    async def mark_read(self, sender: str, wamid: str) -> None:
        pass

    async def verify(self, request: WebhookRequest) -> None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        given = headers.get("x-signature", "")
        if not hmac.compare_digest(given, sign(request.body)):
            raise conek.SignatureError("X-Signature does not fit the body")

    async def parse(self, body: bytes) -> Parsed:
        update = json.loads(body)
        return Parsed(
            updates=[
                Update.Message(
                    receiver=update["receiver"],
                    wamid=update["wamid"],
                    at=datetime.fromisoformat(update["at"]),
                    reply=Reply.Text(update["text"]),
                    wa_id=update["from"],
                )
            ]
        )


def sign(body: bytes) -> str:
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()


def webhook(text: str, *, wamid: str, sender: str, at: datetime, receiver: str = "100") -> WebhookRequest:
    update = {"receiver": receiver, "wamid": wamid, "at": at.isoformat(), "text": text, "from": sender}
    body = json.dumps(update).encode()
    return WebhookRequest(body, headers={"X-Signature": sign(body)})


class NoMarketing:
    """A host's rule that lets nothing promotional through."""

    def name(self) -> str:
        return "no-marketing/1"

    async def decide(self, cases: list[PolicyCase]) -> list[Decision]:
        no = Decision.Deny(reasons=[Reason("HOUSE_RULE", "the house", "no promotion this week")])
        yes = Decision.Allow(conek.Basis.CONTRACT)
        return [no if c.facts.message.purpose is Purpose.MARKETING else yes for c in cases]


class XorKeys:
    """A key provider that shows the shape and hides nothing: a fixed pad and a checksum by key."""

    async def wrap(self, key: bytes) -> bytes:
        return self._seal(key) + bytes(b ^ 0x5A for b in key)

    async def unwrap(self, wrapped: bytes) -> bytes:
        key = bytes(b ^ 0x5A for b in wrapped[32:])
        if not hmac.compare_digest(wrapped[:32], self._seal(key)):
            raise conek.ConekKeyError("these bytes were changed, or wrapped by another key")
        return key

    @staticmethod
    def _seal(key: bytes) -> bytes:
        return hmac.digest(SECRET, key, "sha256")


def text(message: Outgoing) -> str:
    match message.content:
        case Content.Text(body=body):
            return body
        case _:
            return ""
