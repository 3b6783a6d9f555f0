# Generated from conek-core by `cargo run -p conek-codegen`. Do not edit.
"""What a host may bring itself. Each is a protocol: any object with these methods will do."""

from __future__ import annotations

from typing import Protocol

from ._conek import (
    Batch,
    Claim,
    Committed,
    Decision,
    GraphAnswer,
    GraphCall,
    Key,
    Outgoing,
    Page,
    Parsed,
    PolicyCase,
    Query,
    Record,
    SendOutcome,
    Upload,
    Verification,
    WebhookRequest,
)


class Storage(Protocol):
    """
    Where the engine keeps everything.

    Eight methods, batch-first, by value, so that a host can implement it in an afternoon and in
    any language. `conformance.check_storage` runs one case per line of "Behavior" below.

    # Behavior
    - Every method is safe to call from several tasks at once.
    - What `commit` reported as `Committed.Done` survives the end of the process and a power cut.
    - Records of one account are never seen through another account.
    - An error means that nothing of the call took effect, unless its retry is `unknown`.

    It may also have `async def close(self) -> None`: Ends the storage's use of its file or connection. Nothing to do for many.

    # Behavior
    - What was committed before stays; calls after it may fail with `storage_unavailable`.
    """

    async def commit(self, batches: list[Batch]) -> list[Committed]:
        """
        Applies batches. Each batch is all or nothing; one batch's conflict leaves the others alone.

        # Behavior
        - Answers one `Committed` per batch, in order; later batches see what earlier ones wrote.
        - `Insert` of a key that exists is a conflict.
        - `Replace`, `Patch` and `Delete` with another `version` than the stored one are a conflict;
          so is one of a missing record. `Put` writes whatever was there.
        - `Check` with `version` 0 demands that the record does not exist.
        - A stored record's version is 1 after `Insert`, and grows by one with every change.
        - A unique token held by another record of the same account and kind is a conflict.
        - A deleted or changed record lets go of the tokens it no longer has.
        - `Append` gives the record an id that is greater, as text, than every id appended before
          to the same account and kind, in the order in which the appends became visible.
        """
        ...

    async def get(self, keys: list[Key]) -> list[Record | None]:
        """
        Reads records by key.

        # Behavior
        - Answers one entry per key, in order; `None` where there is no such record.
        """
        ...

    async def find(self, query: Query) -> Page:
        """
        Reads one page by one declared index.

        # Behavior
        - Records come in the index's order (see `Index`); `descending` turns it round.
        - `after` continues where the page that gave the cursor ended; records that stand still
          between two pages appear exactly once.
        - In the index by id the cursor is the last record's id: any id may be given, also one that no
          record has.
        - At most `limit` records; `next` is `None` exactly when nothing follows.
        """
        ...

    async def count(self, query: Query) -> int:
        """Counts what `find` would return without a limit or cursor."""
        ...

    async def claim(self, work: Claim) -> list[Record]:
        """
        Takes due work off a queue, so that no other claim sees it.

        # Behavior
        - Takes records of `queue` whose `due_at` has come and whose `state` is `state`, the longest
          due first, at most `limit`.
        - Each taken record gets `new_state`, `new_queue`, `due_at = lease_until` and its next
          version, durably, before the call returns it in that form.
        - Two claims never return the same record.
        """
        ...

    async def backup(self, to: str) -> None:
        """
        Writes a consistent copy of the whole storage to `to` while work goes on.

        # Behavior
        - An existing file at `to` is an error and stays as it is.
        """
        ...

    async def verify(self) -> Verification:
        """Checks the storage's own integrity and counts what it holds."""
        ...


class Transport(Protocol):
    """
    How messages leave and how what comes in is read.

    # Behavior
    - `send` is called once per permit and never repeats itself: one call, at most one message.
    - `send` never says `refused` or `not_sent` when the message may have been accepted.
    - Dropping the future of `send` may leave the message sent; the engine treats it as unknown.
    - `verify` refuses a body whose signature is missing or wrong, and looks at the raw bytes.
    - `parse` never fails and never panics: what it does not know it returns as `Update.Unknown`.

    It may also have `async def show_typing(self, sender: str, wamid: str) -> None`: Marks a person's message as read and shows them that an answer is being written. What cannot show that
    marks it as read.

    It may also have `async def manage(self, call: GraphCall) -> GraphAnswer`: Makes one call that manages the account, and never repeats it. What was refused is an answer too; an error
    is a call without an answer, and says `unknown` where it may have taken effect. A transport without a Graph
    API behind it has none.

    It may also have `async def download(self, url: str) -> bytes`: Fetches the file at an address that WhatsApp told: the second step of a download.
    """

    async def send(self, permit_id: str, message: Outgoing) -> SendOutcome:
        """Sends one message. The permit is proof that the gate allowed exactly this."""
        ...

    async def upload(self, upload: Upload) -> str:
        """
        Uploads a file and returns its media id. Uploading the same bytes again is harmless, so that an
        error whose outcome is not known says `later`.
        """
        ...

    async def mark_read(self, sender: str, wamid: str) -> None:
        """Marks a person's message as read."""
        ...

    async def verify(self, request: WebhookRequest) -> None:
        """Checks that a webhook comes from WhatsApp, over the raw bytes."""
        ...

    async def parse(self, body: bytes) -> Parsed:
        """Reads a webhook's body into updates, every one of them."""
        ...


class ConsentPolicy(Protocol):
    """
    A rule about who may be sent what, and when.

    The engine asks conek's own rules and every host rule, and the most restrictive answer wins:
    deny, then ask, then defer, then allow. A host rule can therefore tighten and never loosen.

    # Behavior
    - The answer depends on the case and on nothing else: the same facts at the same moment give the same answer.
    - One decision for each case, in order.
    - An error, a panic, no answer within five seconds, or another number of decisions, is read as "deny" for
      the whole batch.
    """

    def name(self) -> str:
        """The rule's name and version, as it stands in decisions."""
        ...

    async def decide(self, cases: list[PolicyCase]) -> list[Decision]:
        """Decides."""
        ...


class KeyProvider(Protocol):
    """
    Wraps and unwraps the account's root key, under which each person's key lies.

    # Behavior
    - `unwrap` of what `wrap` returned gives the same bytes, also after a restart.
    - `unwrap` of anything else is a `key` error, never wrong bytes.
    - Neither keeps, logs or returns the key in an error.
    """

    async def wrap(self, key: bytes) -> bytes:
        """Wraps 32 key bytes."""
        ...

    async def unwrap(self, wrapped: bytes) -> bytes:
        """Unwraps them."""
        ...
