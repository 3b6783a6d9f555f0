# Generated from conek-core by `cargo run -p conek-codegen`. Do not edit.
from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, final

from typing_extensions import Self

from ._enums import (
    Action as Action,
    AuditOutcome as AuditOutcome,
    Basis as Basis,
    BreachAudience as BreachAudience,
    BreachChannel as BreachChannel,
    BreachDutyState as BreachDutyState,
    BreachExcuse as BreachExcuse,
    BreachItem as BreachItem,
    BreachKind as BreachKind,
    BreachPhase as BreachPhase,
    BreachRisk as BreachRisk,
    BreachState as BreachState,
    CampaignState as CampaignState,
    CodeMethod as CodeMethod,
    ConsentActor as ConsentActor,
    ConsentSource as ConsentSource,
    ConsentStatus as ConsentStatus,
    ConversationDimension as ConversationDimension,
    CountedMessages as CountedMessages,
    ErasureGround as ErasureGround,
    EvidenceKind as EvidenceKind,
    ExportKind as ExportKind,
    FieldMask as FieldMask,
    FlowAction as FlowAction,
    Granularity as Granularity,
    GraphMethod as GraphMethod,
    HoursAgreement as HoursAgreement,
    IdentityState as IdentityState,
    Intent as Intent,
    LegalBasis as LegalBasis,
    MessageClass as MessageClass,
    MessageState as MessageState,
    NoticeRight as NoticeRight,
    ObjectionScope as ObjectionScope,
    ObstacleKind as ObstacleKind,
    OrderKind as OrderKind,
    OrderStage as OrderStage,
    PasswordWay as PasswordWay,
    PricingDimension as PricingDimension,
    ProvenanceContext as ProvenanceContext,
    Purpose as Purpose,
    QrImage as QrImage,
    RecipientClass as RecipientClass,
    RefusalGround as RefusalGround,
    Regime as Regime,
    RequestChannel as RequestChannel,
    RequestState as RequestState,
    RestrictionGround as RestrictionGround,
    RetentionAction as RetentionAction,
    RetentionClass as RetentionClass,
    Retry as Retry,
    RightKind as RightKind,
    Scope as Scope,
    StatusKind as StatusKind,
    StorageFault as StorageFault,
    SuppressionScope as SuppressionScope,
    TemplateCategory as TemplateCategory,
    TemplateProduct as TemplateProduct,
    TransferMechanism as TransferMechanism,
)
from ._ports import ConsentPolicy, KeyProvider, Storage, Transport

async def open(
    config: Config,
    *,
    storage: Storage | None = None,
    transport: Transport | None = None,
    policies: Sequence[ConsentPolicy] = ...,
    keys: KeyProvider | None = None,
    clock: VirtualClock | None = None,
) -> Engine:
    """
    Opens an engine. Whatever port is left out is conek's own.

    Must be awaited on the event loop on which the host's ports are to run. An engine is also an
    asynchronous context manager that closes itself.
    """
    ...

def describe_error(kind: str, fields: Mapping[str, Any]) -> tuple[str, str, str]:
    """The stable code, the retry and the text of an error."""
    ...

async def check_storage(storage: Storage) -> Report:
    """
    Runs the storages' suite on a storage of the host's.

    Its records stay behind, each case's in an account of its own.
    """
    ...

async def check_transport(
    transport: Transport,
    sender: str,
    *,
    accepting: bool = False,
    webhook: WebhookRequest | None = None,
    updates: int = 0,
) -> Report:
    """
    Runs the transports' suite on a transport of the host's.

    `sender` is a phone number id that it may send from. `accepting` says that a stand-in which
    accepts every message is at the other end, never WhatsApp itself; otherwise nothing may be there.
    With a signed `webhook` of so many `updates`, reading is checked as well.
    """
    ...

async def check_policy(policy: ConsentPolicy) -> Report:
    """Runs the rules' suite on a rule of the host's."""
    ...

async def check_keys(keys: KeyProvider) -> Report:
    """Runs the key providers' suite on one of the host's."""
    ...

def parse_webhook(body: bytes) -> Parsed:
    """Reads a webhook's body as conek's own transport does: for the `parse` of a transport that a test wrote."""
    ...

async def fail(code: str) -> None:
    """Raises the error of this code."""
    ...

async def panic(spawned: bool) -> None:
    """Panics, in the engine's thread or the event loop's."""
    ...

@final
class VirtualClock:
    """A clock that a test drives: frozen, at any speed, or moved by hand."""
    @staticmethod
    def at(start: datetime) -> VirtualClock:
        """A frozen clock that shows `start`."""
        ...
    def now(self) -> datetime:
        """What it shows."""
        ...
    def advance_ms(self, ms: int) -> None:
        """Moves it forward."""
        ...
    def advance_to(self, at: datetime) -> None:
        """Moves it to `at`; a moment in the past leaves it where it is."""
        ...
    def set_speed(self, speed: float) -> None:
        """Lets `speed` seconds pass for each real one; 0 freezes it."""
        ...
    def next_wake(self) -> datetime | None:
        """The earliest moment somebody waits for, if anybody does."""
        ...

@final
class AccountFacts:
    """What is known of the account."""
    def __new__(cls, *, min_age: int | None = None, consent_only: bool = False, double_opt_in: bool = False, stop_when_stale: bool = False, quiet_hours: Sequence[QuietHours] = ..., assessments: Sequence[str] = ..., loosened: Sequence[Loosening] = ...) -> AccountFacts: ...
    @property
    def min_age(self) -> int | None:
        """The age from which people may be dealt with; 18 if absent."""
        ...
    @property
    def consent_only(self) -> bool:
        """Whether the account does without the customer exception."""
        ...
    @property
    def double_opt_in(self) -> bool:
        """Whether consent counts only once it was confirmed (double opt-in)."""
        ...
    @property
    def stop_when_stale(self) -> bool:
        """Whether direct marketing stops when the rules are past their review date."""
        ...
    @property
    def quiet_hours(self) -> list[QuietHours]:
        """Hours in which the account sends nothing, beside the law's."""
        ...
    @property
    def assessments(self) -> list[str]:
        """Purposes for which a legitimate-interest assessment is on record, for example `comms.feedback`."""
        ...
    @property
    def loosened(self) -> list[Loosening]:
        """Where the account has taken the less strict reading on itself."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class AccountRestriction:
    """Something that the account may not do."""
    def __new__(cls, kind: str, *, until: datetime | None = None, remediation: str | None = None) -> AccountRestriction: ...
    @property
    def kind(self) -> str:
        """For example `RESTRICTED_BIZ_INITIATED_MESSAGING`."""
        ...
    @property
    def until(self) -> datetime | None:
        """Until when; `None` where WhatsApp names no end."""
        ...
    @property
    def remediation(self) -> str | None:
        """What can be done about it."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class AccountSettings:
    """The account's settings as they stand."""
    def __new__(cls, *, tightened: Sequence[Tightening] = ..., loosened: Sequence[Loosening] = ..., assessments: Sequence[Assessment] = ..., cleansed_at: datetime | None = None, marketer_registered: bool | None = None) -> AccountSettings: ...
    @property
    def tightened(self) -> list[Tightening]:
        """What was made stricter."""
        ...
    @property
    def loosened(self) -> list[Loosening]:
        """What was made less strict."""
        ...
    @property
    def assessments(self) -> list[Assessment]:
        """Purposes that may rest on a legitimate interest."""
        ...
    @property
    def cleansed_at(self) -> datetime | None:
        """When the contacts were last compared with the opt-out registry."""
        ...
    @property
    def marketer_registered(self) -> bool | None:
        """Whether the account is registered as a direct marketer; absent: not known."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Ack:
    """The answer to a stored webhook. Send 200 to WhatsApp once you have it."""
    def __new__(cls, id: str, *, duplicate: bool = False) -> Ack: ...
    @property
    def id(self) -> str:
        """The stored body's id."""
        ...
    @property
    def duplicate(self) -> bool:
        """Whether exactly this body was stored before."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Acknowledgement:
    """That a person was shown a version of a notice. It is no consent, and nothing makes one of it."""
    def __new__(cls, id: str, person: str, notice: str, at: datetime) -> Acknowledgement: ...
    @property
    def id(self) -> str:
        """Its id; the next page begins after it."""
        ...
    @property
    def person(self) -> str:
        """Who was shown it."""
        ...
    @property
    def notice(self) -> str:
        """Which version."""
        ...
    @property
    def at(self) -> datetime:
        """When."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Actor:
    """Who calls."""
    def __new__(cls, id: str, *, scopes: Sequence[Scope] = ..., purpose: str | None = None, masks: Sequence[FieldMask] = ...) -> Actor: ...
    @property
    def id(self) -> str:
        """The host's id of the person or program. It is sealed in the audit log."""
        ...
    @property
    def scopes(self) -> list[Scope]:
        """What they may do."""
        ...
    @property
    def purpose(self) -> str | None:
        """For what they do it, in the host's words; kept with every entry of the audit log."""
        ...
    @property
    def masks(self) -> list[FieldMask]:
        """What they do not see."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class AffectedPage:
    """Those of some contacts whom a breach concerns, and where to go on."""
    def __new__(cls, on_many: int, *, people: Sequence[str] = ..., by_country: dict[str, int] = ..., next: str | None = None) -> AffectedPage: ...
    @property
    def people(self) -> list[str]:
        """Who."""
        ...
    @property
    def by_country(self) -> dict[str, int]:
        """How many, by country; `?` where it is not known. For the number in the letters, and which laws bind."""
        ...
    @property
    def on_many(self) -> int:
        """Operations of the actor on many at once, whose log does not say on whom: with one of them, take everybody."""
        ...
    @property
    def next(self) -> str | None:
        """Give it back as `after`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class AffectedQuery:
    """Who is looked for. Conditions that are left out hold for everybody."""
    def __new__(cls, *, countries: Sequence[str] = ..., known_by: datetime | None = None, kinds: Sequence[str] = ..., actor: str | None = None, since: datetime | None = None, until: datetime | None = None) -> AffectedQuery: ...
    @property
    def countries(self) -> list[str]:
        """In one of these countries, ISO 3166-1 alpha-2."""
        ...
    @property
    def known_by(self) -> datetime | None:
        """Known by then, for example when a copy was taken."""
        ...
    @property
    def kinds(self) -> list[str]:
        """
        Of whom a record of one of these kinds is kept: `message`, `received`, `consent`, `declaration`,
        `disclosure`, `request`, `event`.
        """
        ...
    @property
    def actor(self) -> str | None:
        """Whose data this actor's account read or changed, by the audit log."""
        ...
    @property
    def since(self) -> datetime | None:
        """With `actor`: from then on."""
        ...
    @property
    def until(self) -> datetime | None:
        """With `actor`: until then."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class AgreementFacts:
    """What the person agreed to."""
    def __new__(cls, *, hours: HoursAgreement | None = None) -> AgreementFacts: ...
    @property
    def hours(self) -> HoursAgreement | None:
        """Contact outside marketing hours, and how that was agreed."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Amount:
    """An amount of money in the order's currency."""
    def __new__(cls, hundredths: int, *, description: str | None = None) -> Amount: ...
    @property
    def hundredths(self) -> int:
        """In hundredths: 12.50 is 1,250. Whatever the currency, as WhatsApp demands it."""
        ...
    @property
    def description(self) -> str | None:
        """What it is for; at most 60 characters. For tax, shipping and discount only."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class AnalyticsRange:
    """From when to when, and in which steps."""
    def __new__(cls, start: datetime, end: datetime, granularity: Granularity) -> AnalyticsRange: ...
    @property
    def start(self) -> datetime:
        """The beginning. WhatsApp looks back a year."""
        ...
    @property
    def end(self) -> datetime:
        """The end, which is no longer in it."""
        ...
    @property
    def granularity(self) -> Granularity:
        """The steps."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Assessment:
    """A legitimate-interest assessment: why the processing is needed, and why the person's interests do not outweigh it."""
    def __new__(cls, purpose: str, necessity: str, balance: str, opt_out: str, assessed_at: datetime, *, review_by: datetime | None = None) -> Assessment: ...
    @property
    def purpose(self) -> str:
        """For which purpose: its code in the closed list, for example `comms.feedback`."""
        ...
    @property
    def necessity(self) -> str:
        """The interest, and why the processing is needed for it."""
        ...
    @property
    def balance(self) -> str:
        """Why the interests and rights of the person do not outweigh it."""
        ...
    @property
    def opt_out(self) -> str:
        """How the person can object."""
        ...
    @property
    def assessed_at(self) -> datetime:
        """When it was made."""
        ...
    @property
    def review_by(self) -> datetime | None:
        """When it wants to be looked at again."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class AuditEntry:
    """One entry: a call that read or changed personal data, or was refused."""
    def __new__(cls, id: str, at: datetime, actor: str, operation: str, count: int, outcome: AuditOutcome, *, purpose: str | None = None, subject: str | None = None) -> AuditEntry: ...
    @property
    def id(self) -> str:
        """Its id; later ones of the same writer have greater ids."""
        ...
    @property
    def at(self) -> datetime:
        """When."""
        ...
    @property
    def actor(self) -> str:
        """Who: the actor's id, `host` for the embedding program, `conek` for the engine's own work."""
        ...
    @property
    def purpose(self) -> str | None:
        """For what, as the actor says."""
        ...
    @property
    def operation(self) -> str:
        """The operation, for example `contacts.get`."""
        ...
    @property
    def subject(self) -> str | None:
        """Whose data: a pseudonym. `audit.entries` finds a person's."""
        ...
    @property
    def count(self) -> int:
        """How many things it was about; 1 for one."""
        ...
    @property
    def outcome(self) -> AuditOutcome:
        """Whether it was admitted."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class AuditHead:
    """The signed end of the chain. Whoever keeps one elsewhere can prove later that nothing before it was cut off."""
    def __new__(cls, id: str, hash: str, at: datetime, signature: str, public_key: str) -> AuditHead: ...
    @property
    def id(self) -> str:
        """The checkpoint's id."""
        ...
    @property
    def hash(self) -> str:
        """The hash over everything before, hexadecimal."""
        ...
    @property
    def at(self) -> datetime:
        """When it was signed."""
        ...
    @property
    def signature(self) -> str:
        """Ed25519 over account, id, hash and time; base64."""
        ...
    @property
    def public_key(self) -> str:
        """The account's public key; base64."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class AuditPage:
    """Some entries and where to go on."""
    def __new__(cls, *, entries: Sequence[AuditEntry] = ..., next: str | None = None) -> AuditPage: ...
    @property
    def entries(self) -> list[AuditEntry]:
        """The entries, the oldest first."""
        ...
    @property
    def next(self) -> str | None:
        """Give it back as `after`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class AuditQuery:
    """Which entries."""
    def __new__(cls, *, person: str | None = None, operation: str | None = None, refused_only: bool = False, after: str | None = None) -> AuditQuery: ...
    @property
    def person(self) -> str | None:
        """Only about this person."""
        ...
    @property
    def operation(self) -> str | None:
        """Only this operation, or with a trailing `.*` all of a room: `contacts.*`."""
        ...
    @property
    def refused_only(self) -> bool:
        """Only refused calls."""
        ...
    @property
    def after(self) -> str | None:
        """The cursor of the page before."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class AuditReport:
    """What a look over the whole log found."""
    def __new__(cls, entries: int, checkpoints: int, *, problems: Sequence[str] = ..., head: AuditHead | None = None) -> AuditReport: ...
    @property
    def entries(self) -> int:
        """Entries read."""
        ...
    @property
    def checkpoints(self) -> int:
        """Checkpoints read."""
        ...
    @property
    def problems(self) -> list[str]:
        """What is changed, missing or out of order, one sentence each. Empty means sound."""
        ...
    @property
    def head(self) -> AuditHead | None:
        """The end of the chain, if there is one."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Authority:
    """An authority to which people can complain (POPIA s74, GDPR 77)."""
    def __new__(cls, country: str, title: str, website: str, *, verified_on: str | None = None) -> Authority: ...
    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-2."""
        ...
    @property
    def title(self) -> str:
        """What it is called."""
        ...
    @property
    def website(self) -> str:
        """Its site."""
        ...
    @property
    def verified_on(self) -> str | None:
        """The day on which the address was last looked at, `YYYY-MM-DD`; `None`: look before you print it."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Automation:
    """What a number offers before anybody writes (Meta: Conversational Components)."""
    def __new__(cls, *, welcome: bool = False, prompts: Sequence[str] = ..., commands: Sequence[BotCommand] = ...) -> Automation: ...
    @property
    def welcome(self) -> bool:
        """Whether a webhook of the kind `request_welcome` tells that somebody opened the chat for the first time."""
        ...
    @property
    def prompts(self) -> list[str]:
        """Ice breakers: at most three, of 1 to 80 characters. They come as messages when they are tapped."""
        ...
    @property
    def commands(self) -> list[BotCommand]:
        """Commands: at most 30, each name once."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Batch:
    """Steps that take effect together or not at all."""
    def __new__(cls, *, writes: Sequence[Write] = ...) -> Batch: ...
    @property
    def writes(self) -> list[Write]:
        """The steps, applied in order."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BlockRefusal:
    """Why somebody stayed as they were."""
    def __new__(cls, index: int, *, code: int | None = None) -> BlockRefusal: ...
    @property
    def index(self) -> int:
        """Who, by their place among those who were given, from 0."""
        ...
    @property
    def code(self) -> int | None:
        """WhatsApp's code, where it said one. 131047: they did not write within the last 24 hours."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BlockReport:
    """What became of a change of the block list."""
    def __new__(cls, *, done: Sequence[int] = ..., refused: Sequence[BlockRefusal] = ...) -> BlockReport: ...
    @property
    def done(self) -> list[int]:
        """For whom it was done, by their place among those who were given, from 0."""
        ...
    @property
    def refused(self) -> list[BlockRefusal]:
        """For whom it was not."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BlockedPage:
    """A page of a number's block list."""
    def __new__(cls, *, people: Sequence[BlockedPerson] = ..., next: str | None = None) -> BlockedPage: ...
    @property
    def people(self) -> list[BlockedPerson]:
        """The people."""
        ...
    @property
    def next(self) -> str | None:
        """Where the next page begins; `None` on the last one."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BlockedPerson:
    """Somebody on the block list. Whoever may not see numbers gets the person alone. `Debug` shows none of it."""
    def __new__(cls, *, person: str | None = None, phone: str | None = None, bsuid: str | None = None) -> BlockedPerson: ...
    @property
    def person(self) -> str | None:
        """The contact, if they are one of this account."""
        ...
    @property
    def phone(self) -> str | None:
        """Their number, with `+`."""
        ...
    @property
    def bsuid(self) -> str | None:
        """Their business-scoped id."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BotCommand:
    """A command that people choose by typing a slash."""
    def __new__(cls, name: str, description: str) -> BotCommand: ...
    @property
    def name(self) -> str:
        """What is typed behind the slash: 1 to 30 characters."""
        ...
    @property
    def description(self) -> str:
        """What it does: 1 to 256 characters."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachAssessment:
    """How likely harm is, and what follows from it."""
    def __new__(cls, reason: str, *, risk: BreachRisk = ..., encrypted_and_key_safe: bool = False, subjects_unidentifiable: bool = False, averted_by: str | None = None, disproportionate: str | None = None) -> BreachAssessment: ...
    @property
    def risk(self) -> BreachRisk:
        """How likely harm is. `unknown` is no assessment."""
        ...
    @property
    def reason(self) -> str:
        """Why."""
        ...
    @property
    def encrypted_and_key_safe(self) -> bool:
        """Whether the data were sealed and the key is safe (GDPR 34(3)(a))."""
        ...
    @property
    def subjects_unidentifiable(self) -> bool:
        """Whether it cannot be found out whose data they are (POPIA s22(1)(b))."""
        ...
    @property
    def averted_by(self) -> str | None:
        """By what measures the high risk is no longer likely (GDPR 34(3)(b)); missing: it still is."""
        ...
    @property
    def disproportionate(self) -> str | None:
        """Why telling each person would be a disproportionate effort (GDPR 34(3)(c)): they are told in public then."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachCase:
    """A breach, from the first suspicion until everybody knows."""
    def __new__(cls, id: str, state: BreachState, details: BreachDetails, opened_at: datetime, *, assessment: BreachAssessment | None = None, delays: Sequence[BreachDelay] = ..., notices: Sequence[BreachNotice] = ..., closed_at: datetime | None = None, log: Sequence[BreachStep] = ...) -> BreachCase: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def state(self) -> BreachState:
        """Where it stood at its last step."""
        ...
    @property
    def details(self) -> BreachDetails:
        """What is known."""
        ...
    @property
    def assessment(self) -> BreachAssessment | None:
        """How likely harm is; missing: not assessed."""
        ...
    @property
    def delays(self) -> list[BreachDelay]:
        """Orders to wait."""
        ...
    @property
    def notices(self) -> list[BreachNotice]:
        """The letters that went out."""
        ...
    @property
    def opened_at(self) -> datetime:
        """When it was opened."""
        ...
    @property
    def closed_at(self) -> datetime | None:
        """When it was closed."""
        ...
    @property
    def log(self) -> list[BreachStep]:
        """What was done about it."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachContent:
    """Something that a letter says, and who demands it."""
    def __new__(cls, to: BreachAudience, item: BreachItem, provision: str, text: str, *, required: bool = False) -> BreachContent: ...
    @property
    def to(self) -> BreachAudience:
        """To whom."""
        ...
    @property
    def item(self) -> BreachItem:
        """What."""
        ...
    @property
    def required(self) -> bool:
        """Whether the letter is incomplete without it, known or not. A reason for lateness counts where it is late."""
        ...
    @property
    def provision(self) -> str:
        """What demands it; empty: nothing, it is said where it is known."""
        ...
    @property
    def text(self) -> str:
        """What it is, in plain words."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachDeadline:
    """Until when somebody is told."""
    def __new__(cls, audience: BreachAudience, provision: str, *, required: bool = False, warn_at: datetime | None = None, due_at: datetime | None = None, as_soon_as_possible: bool = False, delayed: bool = False) -> BreachDeadline: ...
    @property
    def audience(self) -> BreachAudience:
        """Who."""
        ...
    @property
    def required(self) -> bool:
        """Whether they must be told at all."""
        ...
    @property
    def warn_at(self) -> datetime | None:
        """When the account is warned."""
        ...
    @property
    def due_at(self) -> datetime | None:
        """The latest moment; `None` where nobody must be told, or an order without an end says to wait."""
        ...
    @property
    def as_soon_as_possible(self) -> bool:
        """Whether the law says sooner: as soon as reasonably possible, without undue delay. `due_at` is the latest then."""
        ...
    @property
    def delayed(self) -> bool:
        """Whether an order puts it off."""
        ...
    @property
    def provision(self) -> str:
        """Where that is written."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachDelay:
    """An order to wait, in the life of a case."""
    def __new__(cls, order: DelayOrder, what: str, recorded_at: datetime, *, lifted_at: datetime | None = None) -> BreachDelay: ...
    @property
    def order(self) -> DelayOrder:
        """Who gave it, its reference, and until when."""
        ...
    @property
    def what(self) -> str:
        """What it says: that telling the people would impede a criminal investigation (POPIA s22(3))."""
        ...
    @property
    def recorded_at(self) -> datetime:
        """When it was entered."""
        ...
    @property
    def lifted_at(self) -> datetime | None:
        """When it was taken back."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachDetails:
    """What is known of a breach. Whatever is missing is not known."""
    def __new__(cls, *, aware_at: datetime | None = None, regimes: Sequence[Regime] = ..., as_processor: bool = False, promised: bool | None = None, countries: Sequence[str] = ..., kinds: Sequence[BreachKind] = ..., confirmed: bool | None = None, began_at: datetime | None = None, ended_at: datetime | None = None, categories: Sequence[str] = ..., people: int | None = None, records: int | None = None, unknown: Sequence[BreachUnknown] = ..., texts: Sequence[BreachText] = ..., intruder: str | None = None, sender: str | None = None, address: str | None = None, contact: str | None = None, authority: str | None = None, planned_channels: Sequence[BreachChannel] = ..., zone: str | None = None) -> BreachDetails: ...
    @property
    def aware_at(self) -> datetime | None:
        """When there were reasonable grounds to believe that it happened: the clocks run from here."""
        ...
    @property
    def regimes(self) -> list[Regime]:
        """The laws that bind; both, if none is named."""
        ...
    @property
    def as_processor(self) -> bool:
        """Whether the account only processes the data for somebody else."""
        ...
    @property
    def promised(self) -> bool | None:
        """Whether the account promised its people to tell them within 72 hours; missing: it did."""
        ...
    @property
    def countries(self) -> list[str]:
        """Where the people are, ISO 3166-1 alpha-2."""
        ...
    @property
    def kinds(self) -> list[BreachKind]:
        """What was done to the data."""
        ...
    @property
    def confirmed(self) -> bool | None:
        """Whether it is confirmed, and not only suspected."""
        ...
    @property
    def began_at(self) -> datetime | None:
        """When it began."""
        ...
    @property
    def ended_at(self) -> datetime | None:
        """When it ended."""
        ...
    @property
    def categories(self) -> list[str]:
        """Which kinds of data, by category, for example `contact`."""
        ...
    @property
    def people(self) -> int | None:
        """About how many people."""
        ...
    @property
    def records(self) -> int | None:
        """About how many records."""
        ...
    @property
    def unknown(self) -> list[BreachUnknown]:
        """What cannot be found out."""
        ...
    @property
    def texts(self) -> list[BreachText]:
        """What happened, in words, by language. The first is for everybody whose language is not there."""
        ...
    @property
    def intruder(self) -> str | None:
        """Who did it, if known (POPIA s22(5)(d)). Only letters under POPIA, and to the responsible party, say it."""
        ...
    @property
    def sender(self) -> str | None:
        """The name of whoever writes the letters."""
        ...
    @property
    def address(self) -> str | None:
        """Its address."""
        ...
    @property
    def contact(self) -> str | None:
        """Whom to ask: the information officer, data protection officer, or another contact (GDPR 33(3)(b))."""
        ...
    @property
    def authority(self) -> str | None:
        """Where people can complain."""
        ...
    @property
    def planned_channels(self) -> list[BreachChannel]:
        """By what ways the people will be told; the Regulator asks."""
        ...
    @property
    def zone(self) -> str | None:
        """The time zone in which letters name days, for example `Africa/Johannesburg`; UTC, if missing."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachDuty:
    """A duty to tell somebody."""
    def __new__(cls, to: BreachAudience, state: BreachDutyState, provision: str, *, excuse: BreachExcuse | None = None, warn_at: datetime | None = None, due_at: datetime | None = None, as_soon_as_possible: bool = False, first_told_at: datetime | None = None, told_at: datetime | None = None, late: bool = False, missing: Sequence[BreachMissing] = ...) -> BreachDuty: ...
    @property
    def to(self) -> BreachAudience:
        """Whom."""
        ...
    @property
    def state(self) -> BreachDutyState:
        """Where it stands."""
        ...
    @property
    def excuse(self) -> BreachExcuse | None:
        """Why they need not be told."""
        ...
    @property
    def warn_at(self) -> datetime | None:
        """When the account is warned."""
        ...
    @property
    def due_at(self) -> datetime | None:
        """The latest moment; `None` where nobody must be told, or an order without an end says to wait."""
        ...
    @property
    def as_soon_as_possible(self) -> bool:
        """Whether the law says sooner."""
        ...
    @property
    def first_told_at(self) -> datetime | None:
        """When they were first told something, in a way that counts."""
        ...
    @property
    def told_at(self) -> datetime | None:
        """When they were told all."""
        ...
    @property
    def late(self) -> bool:
        """Whether the first letter came after the latest moment. Nobody counts the minutes of "immediately"."""
        ...
    @property
    def missing(self) -> list[BreachMissing]:
        """What a letter that goes out now could not say yet."""
        ...
    @property
    def provision(self) -> str:
        """Where that is written."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachFacts:
    """What is known of a breach. Whatever is missing is not known."""
    def __new__(cls, *, aware_at: datetime | None = None, regimes: Sequence[Regime] = ..., as_processor: bool = False, risk: BreachRisk = ..., encrypted_and_key_safe: bool = False, subjects_unidentifiable: bool = False, promised: bool | None = None, delay_orders: Sequence[DelayOrder] = ...) -> BreachFacts: ...
    @property
    def aware_at(self) -> datetime | None:
        """When there were reasonable grounds to believe that it happened: the clocks run from here."""
        ...
    @property
    def regimes(self) -> list[Regime]:
        """The laws that bind; both, if none is named."""
        ...
    @property
    def as_processor(self) -> bool:
        """Whether the account only processes the data for somebody else."""
        ...
    @property
    def risk(self) -> BreachRisk:
        """How likely harm is."""
        ...
    @property
    def encrypted_and_key_safe(self) -> bool:
        """Whether the data were sealed and the key is safe (GDPR 34(3)(a))."""
        ...
    @property
    def subjects_unidentifiable(self) -> bool:
        """Whether it cannot be found out whose data they are (POPIA s22(1)(b))."""
        ...
    @property
    def promised(self) -> bool | None:
        """Whether the account promised its people to tell them within 72 hours; missing: it did."""
        ...
    @property
    def delay_orders(self) -> list[DelayOrder]:
        """Orders to wait."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachLetter:
    """A letter about a breach."""
    def __new__(cls, to: BreachAudience, language: str, phase: BreachPhase, subject: str, body: str, template_version: str, *, opening: Sequence[str] = ..., sections: Sequence[LetterSection] = ..., missing: Sequence[BreachMissing] = ..., complete: bool = False, held: bool = False) -> BreachLetter: ...
    @property
    def to(self) -> BreachAudience:
        """To whom."""
        ...
    @property
    def language(self) -> str:
        """In which language."""
        ...
    @property
    def phase(self) -> BreachPhase:
        """Which of several."""
        ...
    @property
    def subject(self) -> str:
        """Its subject."""
        ...
    @property
    def opening(self) -> list[str]:
        """What stands before the sections."""
        ...
    @property
    def sections(self) -> list[LetterSection]:
        """Its sections: for a form, field by field."""
        ...
    @property
    def body(self) -> str:
        """All of it, as plain text."""
        ...
    @property
    def missing(self) -> list[BreachMissing]:
        """What it should say and cannot yet."""
        ...
    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        ...
    @property
    def held(self) -> bool:
        """Whether an order says to wait: do not send it (POPIA s22(3))."""
        ...
    @property
    def template_version(self) -> str:
        """The version of the letters' own words."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachMissing:
    """Something that a letter has to say and does not."""
    def __new__(cls, item: BreachItem, provision: str, text: str) -> BreachMissing: ...
    @property
    def item(self) -> BreachItem:
        """What."""
        ...
    @property
    def provision(self) -> str:
        """What demands it."""
        ...
    @property
    def text(self) -> str:
        """What is missing, in plain words."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachNotice:
    """A letter that went out."""
    def __new__(cls, to: BreachAudience, channel: BreachChannel, phase: BreachPhase, language: str, sent_at: datetime, proof: str, template_version: str, *, missing: Sequence[BreachItem] = ...) -> BreachNotice: ...
    @property
    def to(self) -> BreachAudience:
        """To whom."""
        ...
    @property
    def channel(self) -> BreachChannel:
        """By what way."""
        ...
    @property
    def phase(self) -> BreachPhase:
        """Which of several."""
        ...
    @property
    def language(self) -> str:
        """In which language."""
        ...
    @property
    def sent_at(self) -> datetime:
        """When."""
        ...
    @property
    def proof(self) -> str:
        """How it is proved."""
        ...
    @property
    def missing(self) -> list[BreachItem]:
        """What it left out."""
        ...
    @property
    def template_version(self) -> str:
        """The version of the letters."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachObstacle:
    """Something that keeps a case from being closed."""
    def __new__(cls, kind: ObstacleKind, text: str, provision: str, *, to: BreachAudience | None = None) -> BreachObstacle: ...
    @property
    def kind(self) -> ObstacleKind:
        """What."""
        ...
    @property
    def to(self) -> BreachAudience | None:
        """Whom it concerns; `None`: the whole case."""
        ...
    @property
    def text(self) -> str:
        """What to do, in plain words."""
        ...
    @property
    def provision(self) -> str:
        """Where that is written."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachPage:
    """Some breach cases and where to go on."""
    def __new__(cls, *, cases: Sequence[BreachCase] = ..., next: str | None = None) -> BreachPage: ...
    @property
    def cases(self) -> list[BreachCase]:
        """The cases, the oldest first."""
        ...
    @property
    def next(self) -> str | None:
        """Give it back as `after`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachStep:
    """One step in the life of a case."""
    def __new__(cls, at: datetime, actor: str, step: str, *, note: str | None = None) -> BreachStep: ...
    @property
    def at(self) -> datetime:
        """When."""
        ...
    @property
    def actor(self) -> str:
        """Who."""
        ...
    @property
    def step(self) -> str:
        """What, for example `opened`, `assessed`, `closed`."""
        ...
    @property
    def note(self) -> str | None:
        """Anything more."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachTask:
    """What is to be done about one case."""
    def __new__(cls, case_id: str, *, duties: Sequence[BreachDuty] = ..., obstacles: Sequence[BreachObstacle] = ...) -> BreachTask: ...
    @property
    def case_id(self) -> str:
        """The case."""
        ...
    @property
    def duties(self) -> list[BreachDuty]:
        """Whom to tell until when, those who were told and need not be left out."""
        ...
    @property
    def obstacles(self) -> list[BreachObstacle]:
        """What keeps it from being closed."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachText:
    """
    What happened, in the words that the letters use. In one language; nothing about single people, for it goes to
    many.
    """
    def __new__(cls, language: str, *, what_happened: str | None = None, whose: str | None = None, consequences: str | None = None, measures: str | None = None, advice: str | None = None, late_reasons: str | None = None) -> BreachText: ...
    @property
    def language(self) -> str:
        """`en`, `af`, `nl`, `de` or `fr`: the languages that letters are written in."""
        ...
    @property
    def what_happened(self) -> str | None:
        """What happened, in plain words (GDPR 33(3)(a), 34(2))."""
        ...
    @property
    def whose(self) -> str | None:
        """Whose data they are, for example `customers` (GDPR 33(3)(a))."""
        ...
    @property
    def consequences(self) -> str | None:
        """What is likely to follow (GDPR 33(3)(c), POPIA s22(5)(a))."""
        ...
    @property
    def measures(self) -> str | None:
        """What was done and will be done (GDPR 33(3)(d), POPIA s22(5)(b))."""
        ...
    @property
    def advice(self) -> str | None:
        """What the people can do (POPIA s22(5)(c))."""
        ...
    @property
    def late_reasons(self) -> str | None:
        """Why an authority is told late (GDPR 33(1))."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BreachUnknown:
    """Something that cannot be found out."""
    def __new__(cls, item: BreachItem, why: str) -> BreachUnknown: ...
    @property
    def item(self) -> BreachItem:
        """What: `moment`, `whose`, `people_count` or `record_count` (GDPR 33(3)(a): where possible)."""
        ...
    @property
    def why(self) -> str:
        """Why not."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BusinessProfile:
    """What people see of a number (Meta: WhatsApp Business Profile)."""
    def __new__(cls, *, about: str | None = None, address: str | None = None, description: str | None = None, email: str | None = None, picture_url: str | None = None, vertical: str | None = None, websites: Sequence[str] = ...) -> BusinessProfile: ...
    @property
    def about(self) -> str | None:
        """The line below the name."""
        ...
    @property
    def address(self) -> str | None:
        """Where the business is."""
        ...
    @property
    def description(self) -> str | None:
        """What it does."""
        ...
    @property
    def email(self) -> str | None:
        """Its e-mail address."""
        ...
    @property
    def picture_url(self) -> str | None:
        """Where its picture can be seen."""
        ...
    @property
    def vertical(self) -> str | None:
        """Its trade, for example `RETAIL` or `UNDEFINED`."""
        ...
    @property
    def websites(self) -> list[str]:
        """Its sites."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BusinessToken:
    """A token for what the customer shared. `Debug` does not show it."""
    def __new__(cls, access_token: str, *, kind: str | None = None, expires_in_seconds: int | None = None) -> BusinessToken: ...
    @property
    def access_token(self) -> str:
        """The token: a secret, to be kept where `Config.whatsapp.access_token` comes out of."""
        ...
    @property
    def kind(self) -> str | None:
        """`bearer`, where the answer says so."""
        ...
    @property
    def expires_in_seconds(self) -> int | None:
        """In how many seconds it ends; `None` for one that does not."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class BusinessUsername:
    """A number's username (Meta: Business-scoped user ids > Business usernames)."""
    def __new__(cls, *, username: str | None = None, status: str | None = None) -> BusinessUsername: ...
    @property
    def username(self) -> str | None:
        """The name, without `@`; `None` where the number has none."""
        ...
    @property
    def status(self) -> str | None:
        """`reserved` until usernames can be seen where the business is, then `approved`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Button:
    """A quick reply."""
    def __new__(cls, id: str, title: str) -> Button: ...
    @property
    def id(self) -> str:
        """Comes back when it is tapped; at most 256 characters."""
        ...
    @property
    def title(self) -> str:
        """What the button says; at most 20 characters."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ButtonExample:
    """What a button of a submission needs beside its definition."""
    def __new__(cls, place: int, value: str) -> ButtonExample: ...
    @property
    def place(self) -> int:
        """Which button, by its place from 0."""
        ...
    @property
    def value(self) -> str:
        """
        For an address with a placeholder a whole address as it may become; for a code to copy an example of one; for
        a form the flow's id.
        """
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CallAction:
    """Something that a number may do with a person, or not."""
    def __new__(cls, name: str, *, allowed: bool = False, limits: Sequence[CallLimit] = ...) -> CallAction: ...
    @property
    def name(self) -> str:
        """`start_call` or `send_call_permission_request`."""
        ...
    @property
    def allowed(self) -> bool:
        """Whether it may be done now."""
        ...
    @property
    def limits(self) -> list[CallLimit]:
        """How often."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CallLimit:
    """How often something may be done."""
    def __new__(cls, time_period: str, current_usage: int, max_allowed: int, *, resets_at: datetime | None = None) -> CallLimit: ...
    @property
    def time_period(self) -> str:
        """Within what time, for example `PT24H`."""
        ...
    @property
    def current_usage(self) -> int:
        """How often it was done."""
        ...
    @property
    def max_allowed(self) -> int:
        """How often it may be done."""
        ...
    @property
    def resets_at(self) -> datetime | None:
        """When the count begins anew."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CallPermission:
    """Whether a number may call a person."""
    def __new__(cls, status: str, *, expires_at: datetime | None = None, actions: Sequence[CallAction] = ...) -> CallPermission: ...
    @property
    def status(self) -> str:
        """As WhatsApp says it, for example `no_permission`, `temporary` or `permanent`."""
        ...
    @property
    def expires_at(self) -> datetime | None:
        """Until when, where it ends."""
        ...
    @property
    def actions(self) -> list[CallAction]:
        """What may be done."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CallSession:
    """A session description (RFC 8866). `Debug` does not show it: addresses are in it."""
    def __new__(cls, sdp_type: str, sdp: str) -> CallSession: ...
    @property
    def sdp_type(self) -> str:
        """`offer` or `answer`."""
        ...
    @property
    def sdp(self) -> str:
        """The description."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CallingSettings:
    """Whether and how a number takes calls (Meta: Calling > Call settings)."""
    def __new__(cls, *, status: str | None = None, call_icon_visibility: str | None = None, callback_permission_status: str | None = None, srtp_key_exchange_protocol: str | None = None, call_hours: str | None = None) -> CallingSettings: ...
    @property
    def status(self) -> str | None:
        """`ENABLED` or `DISABLED`."""
        ...
    @property
    def call_icon_visibility(self) -> str | None:
        """Whether chats show the button for calls: `DEFAULT` or `DISABLE_ALL`."""
        ...
    @property
    def callback_permission_status(self) -> str | None:
        """Whether people who call are asked at once whether the business may call back: `ENABLED` or `DISABLED`."""
        ...
    @property
    def srtp_key_exchange_protocol(self) -> str | None:
        """How the keys of the media are agreed upon: `DTLS` or `SDES`."""
        ...
    @property
    def call_hours(self) -> str | None:
        """When the business takes calls: WhatsApp's `call_hours`, as JSON text."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CampaignPlan:
    """What a campaign would do if it started now: decided by the very code that decides when sending."""
    def __new__(cls, id: str, name: str, planned: int, now: int, later: int, denied: int, duration_s: int, unpriced: int, hash: str, *, later_at: Sequence[LaterCount] = ..., denied_by: Sequence[ReasonCount] = ..., cost: Sequence[Cost] = ...) -> CampaignPlan: ...
    @property
    def id(self) -> str:
        """The campaign's id; give it to `start`."""
        ...
    @property
    def name(self) -> str:
        """Its name."""
        ...
    @property
    def planned(self) -> int:
        """Everybody in the audience."""
        ...
    @property
    def now(self) -> int:
        """Who will get it as soon as it starts."""
        ...
    @property
    def later(self) -> int:
        """Who will get it later."""
        ...
    @property
    def denied(self) -> int:
        """Who not."""
        ...
    @property
    def later_at(self) -> list[LaterCount]:
        """Why later, by moment."""
        ...
    @property
    def denied_by(self) -> list[ReasonCount]:
        """Why not, by reason; the most frequent first."""
        ...
    @property
    def duration_s(self) -> int:
        """How long sending those of now takes at the number's rate, in seconds."""
        ...
    @property
    def cost(self) -> list[Cost]:
        """What it costs, by currency, for those priced by the account's rates."""
        ...
    @property
    def unpriced(self) -> int:
        """How many people's messages have no rate."""
        ...
    @property
    def hash(self) -> str:
        """SHA-256 over everybody and what was decided for them."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CampaignProgress:
    """
    A campaign's numbers, counted from its messages. They add up: `planned` is the sum of all
    states plus `denied`.
    """
    def __new__(cls, id: str, name: str, state: CampaignState, planned: int, waiting: int, sending: int, sent: int, delivered: int, read: int, replied: int, opted_out: int, failed: int, refused: int, denied: int, dropped: int, in_doubt: int, unresolved: int, *, denied_by: Sequence[ReasonCount] = ..., next_due_at: datetime | None = None, stopped_by: Sequence[Reason] = ..., needs_approval: bool = False, approved_by: str | None = None) -> CampaignProgress: ...
    @property
    def id(self) -> str:
        """The campaign."""
        ...
    @property
    def name(self) -> str:
        """Its name."""
        ...
    @property
    def state(self) -> CampaignState:
        """Where it stands."""
        ...
    @property
    def planned(self) -> int:
        """Everybody in the audience."""
        ...
    @property
    def waiting(self) -> int:
        """Waiting for their time or turn, held ones included."""
        ...
    @property
    def sending(self) -> int:
        """Being sent this moment."""
        ...
    @property
    def sent(self) -> int:
        """Accepted by WhatsApp."""
        ...
    @property
    def delivered(self) -> int:
        """On the phone."""
        ...
    @property
    def read(self) -> int:
        """Opened."""
        ...
    @property
    def replied(self) -> int:
        """Answered."""
        ...
    @property
    def opted_out(self) -> int:
        """Opted out after it."""
        ...
    @property
    def failed(self) -> int:
        """Reported as failed after acceptance."""
        ...
    @property
    def refused(self) -> int:
        """Refused by WhatsApp."""
        ...
    @property
    def denied(self) -> int:
        """Left out by the gate, before or at dispatch."""
        ...
    @property
    def dropped(self) -> int:
        """Cancelled or expired."""
        ...
    @property
    def in_doubt(self) -> int:
        """Maybe accepted; evidence is awaited."""
        ...
    @property
    def unresolved(self) -> int:
        """In doubt for good."""
        ...
    @property
    def denied_by(self) -> list[ReasonCount]:
        """Why people were left out; the most frequent first."""
        ...
    @property
    def next_due_at(self) -> datetime | None:
        """When the next waiting message is due."""
        ...
    @property
    def stopped_by(self) -> list[Reason]:
        """
        What keeps its messages from leaving at present, beside the hours and the gate's other answers: the number is
        stopped (`SENDER_STOPPED`), its quality is low (`SENDER_QUALITY`), the account is restricted
        (`SENDER_RESTRICTED`), the messaging limit is used up (`MESSAGING_LIMIT`), the template is paused
        (`TEMPLATE_NOT_APPROVED`). They go on by themselves once it is over.
        """
        ...
    @property
    def needs_approval(self) -> bool:
        """Whether a second person must approve it before it can start."""
        ...
    @property
    def approved_by(self) -> str | None:
        """Who approved it."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CampaignSpec:
    """A campaign to plan."""
    def __new__(cls, name: str, audience: Audience, template: str, language: str, purpose: Purpose, *, variables: Sequence[Variable] = ..., sender: str | None = None, not_before: datetime | None = None, expires_at: datetime | None = None, goods: str | None = None) -> CampaignSpec: ...
    @property
    def name(self) -> str:
        """Its name in the host's lists."""
        ...
    @property
    def audience(self) -> Audience:
        """Who is meant."""
        ...
    @property
    def template(self) -> str:
        """The template's name."""
        ...
    @property
    def language(self) -> str:
        """The template's language."""
        ...
    @property
    def variables(self) -> list[Variable]:
        """Values for the body's placeholders, in order."""
        ...
    @property
    def purpose(self) -> Purpose:
        """Why; decides what the gate demands."""
        ...
    @property
    def sender(self) -> str | None:
        """From which phone number id; `None` is the account's first."""
        ...
    @property
    def not_before(self) -> datetime | None:
        """Not before this moment."""
        ...
    @property
    def expires_at(self) -> datetime | None:
        """Not after this moment; by default four days after the start."""
        ...
    @property
    def goods(self) -> str | None:
        """What it promotes, in the account's own words; see `Draft.goods`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CardAddress:
    """A postal address on a contact card."""
    def __new__(cls, *, street: str | None = None, city: str | None = None, state: str | None = None, zip: str | None = None, country: str | None = None, country_code: str | None = None, label: str | None = None) -> CardAddress: ...
    @property
    def street(self) -> str | None:
        """Street and number."""
        ...
    @property
    def city(self) -> str | None:
        """The city."""
        ...
    @property
    def state(self) -> str | None:
        """The state or province."""
        ...
    @property
    def zip(self) -> str | None:
        """The postal code."""
        ...
    @property
    def country(self) -> str | None:
        """The country's name."""
        ...
    @property
    def country_code(self) -> str | None:
        """The country's code, two letters."""
        ...
    @property
    def label(self) -> str | None:
        """`HOME` or `WORK`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CardDefinition:
    """A card of a template's carousel."""
    def __new__(cls, header: TemplateHeader, *, body: str | None = None, buttons: Sequence[ButtonDefinition] = ...) -> CardDefinition: ...
    @property
    def header(self) -> TemplateHeader:
        """A picture, a film or a product; the same on every card."""
        ...
    @property
    def body(self) -> str | None:
        """At most 160 characters, with placeholders."""
        ...
    @property
    def buttons(self) -> list[ButtonDefinition]:
        """At most two, of the same kinds on every card."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CardEmail:
    """An e-mail address on a contact card."""
    def __new__(cls, email: str, *, label: str | None = None) -> CardEmail: ...
    @property
    def email(self) -> str:
        """The address."""
        ...
    @property
    def label(self) -> str | None:
        """`HOME` or `WORK`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CardExamples:
    """What a card of a submission needs beside its definition."""
    def __new__(cls, *, header: str | None = None, body: dict[str, str] = ..., buttons: Sequence[ButtonExample] = ...) -> CardExamples: ...
    @property
    def header(self) -> str | None:
        """The handle of an example of its picture or film, from `platform.upload_sample`."""
        ...
    @property
    def body(self) -> dict[str, str]:
        """In place of its body's placeholders, by their names: `1`, `2` or words."""
        ...
    @property
    def buttons(self) -> list[ButtonExample]:
        """What its buttons need."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CardName:
    """A name on a contact card."""
    def __new__(cls, formatted_name: str, *, first_name: str | None = None, last_name: str | None = None, middle_name: str | None = None, prefix: str | None = None, suffix: str | None = None) -> CardName: ...
    @property
    def formatted_name(self) -> str:
        """The whole name as it is shown; must be there."""
        ...
    @property
    def first_name(self) -> str | None:
        """The first name. At least one part of the name must be there beside the whole."""
        ...
    @property
    def last_name(self) -> str | None:
        """The last name."""
        ...
    @property
    def middle_name(self) -> str | None:
        """The name in the middle."""
        ...
    @property
    def prefix(self) -> str | None:
        """What stands before the name, for example `Dr`."""
        ...
    @property
    def suffix(self) -> str | None:
        """What stands behind the name, for example `Jr`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CardOrganisation:
    """Where the person of a contact card works."""
    def __new__(cls, *, company: str | None = None, department: str | None = None, title: str | None = None) -> CardOrganisation: ...
    @property
    def company(self) -> str | None:
        """The company."""
        ...
    @property
    def department(self) -> str | None:
        """The department."""
        ...
    @property
    def title(self) -> str | None:
        """The person's title there."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CardPhone:
    """A phone number on a contact card."""
    def __new__(cls, phone: str, *, label: str | None = None, wa_id: str | None = None) -> CardPhone: ...
    @property
    def phone(self) -> str:
        """The number as it is shown."""
        ...
    @property
    def label(self) -> str | None:
        """For example `HOME`, `WORK`, `CELL`."""
        ...
    @property
    def wa_id(self) -> str | None:
        """The number's WhatsApp id, in digits; with it the card offers to write."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CardUrl:
    """A web address on a contact card."""
    def __new__(cls, url: str, *, label: str | None = None) -> CardUrl: ...
    @property
    def url(self) -> str:
        """The address."""
        ...
    @property
    def label(self) -> str | None:
        """`HOME` or `WORK`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CarouselCard:
    """A card of a media carousel."""
    def __new__(cls, header: Header, action: CardAction, *, body: str | None = None) -> CarouselCard: ...
    @property
    def header(self) -> Header:
        """A picture or a film; the same kind on every card."""
        ...
    @property
    def body(self) -> str | None:
        """At most 160 characters with at most two line breaks."""
        ...
    @property
    def action(self) -> CardAction:
        """What happens when it is tapped."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ChangedButton:
    """A button of an edited template."""
    def __new__(cls, *, kind: str | None = None, text: str | None = None, url: str | None = None, phone_number: str | None = None) -> ChangedButton: ...
    @property
    def kind(self) -> str | None:
        """`URL`, `PHONE_NUMBER`, `QUICK_REPLY`, ..."""
        ...
    @property
    def text(self) -> str | None:
        """What it says."""
        ...
    @property
    def url(self) -> str | None:
        """The address that it opens."""
        ...
    @property
    def phone_number(self) -> str | None:
        """The number that it calls."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ChannelVerdict:
    """Whether somebody counts as told."""
    def __new__(cls, provision: str, *, accepted: bool = False, by: Sequence[BreachChannel] = ..., in_addition: Sequence[BreachChannel] = ..., would_count: Sequence[BreachChannel] = ...) -> ChannelVerdict: ...
    @property
    def accepted(self) -> bool:
        """Whether they do."""
        ...
    @property
    def by(self) -> list[BreachChannel]:
        """The ways that count."""
        ...
    @property
    def in_addition(self) -> list[BreachChannel]:
        """The ways that are welcome and do not count."""
        ...
    @property
    def would_count(self) -> list[BreachChannel]:
        """The ways that would count, the best first."""
        ...
    @property
    def provision(self) -> str:
        """Where that is written."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Claim:
    """Work to take."""
    def __new__(cls, account: str, kind: str, queue: str, state: str, now: datetime, limit: int, new_state: str, new_queue: str, lease_until: datetime) -> Claim: ...
    @property
    def account(self) -> str:
        """The account."""
        ...
    @property
    def kind(self) -> str:
        """The kind."""
        ...
    @property
    def queue(self) -> str:
        """The queue to take from."""
        ...
    @property
    def state(self) -> str:
        """The state a record must be in."""
        ...
    @property
    def now(self) -> datetime:
        """The present moment: `due_at` must not be after it."""
        ...
    @property
    def limit(self) -> int:
        """At most this many, 1 to 10,000."""
        ...
    @property
    def new_state(self) -> str:
        """The state of a taken record."""
        ...
    @property
    def new_queue(self) -> str:
        """The queue of a taken record."""
        ...
    @property
    def lease_until(self) -> datetime:
        """Its new due time: when the lease ends."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Cleansing:
    """A comparison of the contacts with the national opt-out registry (CPA regulation 4)."""
    def __new__(cls, list_version: str, *, at: datetime | None = None, marketer_registered: bool | None = None, blocked: Sequence[str] = ...) -> Cleansing: ...
    @property
    def at(self) -> datetime | None:
        """When the registry answered; now, if missing."""
        ...
    @property
    def list_version(self) -> str:
        """The registry's own name for the list it gave."""
        ...
    @property
    def marketer_registered(self) -> bool | None:
        """Whether the account is registered as a direct marketer; absent: not known."""
        ...
    @property
    def blocked(self) -> list[str]:
        """The numbers that the registry blocks, written in any way. Others are not blocked any more."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CleansingReport:
    """What a comparison changed."""
    def __new__(cls, blocked: int, released: int, *, unreadable: Sequence[int] = ...) -> CleansingReport: ...
    @property
    def blocked(self) -> int:
        """Numbers blocked now, contacts or not."""
        ...
    @property
    def released(self) -> int:
        """Numbers that were blocked before and are no more."""
        ...
    @property
    def unreadable(self) -> list[int]:
        """Entries that are no phone numbers, by their place in the list, counted from 1."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CommerceSettings:
    """What people see of a number's shop (Meta: WhatsApp Commerce Settings). What an answer left out is `None`."""
    def __new__(cls, *, cart_enabled: bool | None = None, catalog_visible: bool | None = None) -> CommerceSettings: ...
    @property
    def cart_enabled(self) -> bool | None:
        """Whether people can gather products in a cart and order them."""
        ...
    @property
    def catalog_visible(self) -> bool | None:
        """Whether the catalog, or the button to it, is seen."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CommerceUpdate:
    """What is to be changed of a number's shop; what is left out stays."""
    def __new__(cls, *, cart_enabled: bool | None = None, catalog_visible: bool | None = None) -> CommerceUpdate: ...
    @property
    def cart_enabled(self) -> bool | None:
        """Whether people can gather products in a cart and order them."""
        ...
    @property
    def catalog_visible(self) -> bool | None:
        """Whether the catalog, or the button to it, is seen."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ComparedTemplate:
    """A template beside another."""
    def __new__(cls, name: str, language: str, id: str, *, sends: int | None = None, top_block_reason: str | None = None) -> ComparedTemplate: ...
    @property
    def name(self) -> str:
        """Its name."""
        ...
    @property
    def language(self) -> str:
        """Its language."""
        ...
    @property
    def id(self) -> str:
        """WhatsApp's id of it."""
        ...
    @property
    def sends(self) -> int | None:
        """How often it was sent."""
        ...
    @property
    def top_block_reason(self) -> str | None:
        """
        Why people blocked the business most often after it: `NO_LONGER_NEEDED`, `NO_REASON`, `NO_REASON_GIVEN`,
        `NO_SIGN_UP`, `OFFENSIVE_MESSAGES`, `OTHER`, `OTP_DID_NOT_REQUEST`, `SPAM` or `UNKNOWN_BLOCK_REASON`.
        """
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Config:
    """How to open an engine."""
    def __new__(cls, business: str, privacy_contact: str, *, path: str | None = None, database: str | None = None, key_file: str | None = None, journal_file: str | None = None, account: str | None = None, language: str | None = None, public_url: str | None = None, region: str | None = None, numbers: Sequence[Number] = ..., whatsapp: WhatsAppAccess | None = None, business_account: str | None = None, flow_keys: Sequence[FlowPrivateKey] = ..., concurrency: int | None = None, rates: Sequence[Rate] = ..., declared_holidays: Sequence[str] = ..., retention: RetentionRules | None = None, approval_above: int | None = None, rotate_keys_after_days: int | None = None, seed: int | None = None) -> Config: ...
    @property
    def path(self) -> str | None:
        """The database file; made if it is missing. Not needed with `database` or a storage of the host's own."""
        ...
    @property
    def database(self) -> str | None:
        """
        A PostgreSQL database instead of a file, as a URL: `postgres://user:password@host:port/database`. Beyond
        this machine the server must speak TLS. It is a secret, as the password is in it.
        """
        ...
    @property
    def key_file(self) -> str | None:
        """
        The file that holds the wrapping key; `<path>.key` if missing, and needed with `database` unless a key
        provider is given. Made on first open, readable by its owner alone. Whoever loses it loses every
        person's data in the database.
        """
        ...
    @property
    def journal_file(self) -> str | None:
        """
        The file that keeps what people ended, beside the database: erasures and opt-outs. It belongs into no
        backup, so that a restored database cannot undo them. By default beside the key file, with `.journal` at
        its end; none with a storage of the host's own. Two accounts need two.
        """
        ...
    @property
    def account(self) -> str | None:
        """The account's name within the database; `main` if missing."""
        ...
    @property
    def business(self) -> str:
        """The business as it names itself to people. Marketing must name it (POPIA s69(4)(a))."""
        ...
    @property
    def privacy_contact(self) -> str:
        """Whom people can ask about their data: an e-mail address or a page (POPIA s18(1), GDPR 13(1)(b))."""
        ...
    @property
    def language(self) -> str | None:
        """
        The language in which the account writes (BCP 47). Words of that language opt out beside those of the
        person's own, and it is the language of conek's answers to people whose own is not known.
        """
        ...
    @property
    def public_url(self) -> str | None:
        """
        Where people reach `handle_http`, for example `https://shop.example/conek`: the links to their preferences
        begin with it.
        """
        ...
    @property
    def region(self) -> str | None:
        """Region of phone numbers without a country code, ISO 3166-1 alpha-2."""
        ...
    @property
    def numbers(self) -> list[Number]:
        """The numbers that send; the first is the default."""
        ...
    @property
    def whatsapp(self) -> WhatsAppAccess | None:
        """Access to WhatsApp. Not needed with a transport of the host's own."""
        ...
    @property
    def business_account(self) -> str | None:
        """
        Meta's id of the WhatsApp Business account (WABA) that the numbers belong to. Templates, numbers, flows and
        subscriptions are managed by it; nothing else needs it.
        """
        ...
    @property
    def flow_keys(self) -> list[FlowPrivateKey]:
        """
        The private keys of the endpoint of flows (`flow_endpoint`): the present one, and former ones while phones still
        have their public halves; 4 at most. They are secrets.
        """
        ...
    @property
    def concurrency(self) -> int | None:
        """Messages on their way at once; 64 if missing."""
        ...
    @property
    def rates(self) -> list[Rate]:
        """What messages cost, for plans."""
        ...
    @property
    def declared_holidays(self) -> list[str]:
        """Days declared public holidays in South Africa, `YYYY-MM-DD`, beyond those the Act fixes."""
        ...
    @property
    def retention(self) -> RetentionRules | None:
        """What is kept for how long, instead of the periods that conek has."""
        ...
    @property
    def approval_above(self) -> int | None:
        """A campaign to more people than this starts only when a second person has approved it; missing: none needs it."""
        ...
    @property
    def rotate_keys_after_days(self) -> int | None:
        """
        Days after which the wrapping key is replaced without being asked for (`keys.rotate`), looked at once a day
        and for the first time at once; missing: only on request. An older backup opens no more without the key file
        of its time: whoever keeps copies of key files for 30 days and rotates every 30 has nothing left, after 60,
        that could open what was erased. The log says `keys.rotated`: copy the key file then.
        """
        ...
    @property
    def seed(self) -> int | None:
        """Repeats every id and key from this seed. Only for tests: such keys protect nothing."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ConsentAge:
    """From which age somebody consents alone to a service offered to them online."""
    def __new__(cls, years: int, provision: str, since: str) -> ConsentAge: ...
    @property
    def years(self) -> int:
        """Years."""
        ...
    @property
    def provision(self) -> str:
        """Where that is written."""
        ...
    @property
    def since(self) -> str:
        """Since when, `YYYY-MM-DD`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ConsentEntry:
    """A consent event to record."""
    def __new__(cls, person: str, purpose: Purpose, status: ConsentStatus, source: ConsentSource, evidence: Evidence, *, notice: str | None = None, acted_at: datetime | None = None, interacted_at: datetime | None = None, valid_until: datetime | None = None, by: ConsentActor = ..., goods: Sequence[str] = ..., channels: Sequence[str] = ...) -> ConsentEntry: ...
    @property
    def person(self) -> str:
        """Whose."""
        ...
    @property
    def purpose(self) -> Purpose:
        """For what."""
        ...
    @property
    def status(self) -> ConsentStatus:
        """Where consent stands from now on. `expired` and `unknown` cannot be recorded."""
        ...
    @property
    def source(self) -> ConsentSource:
        """By what way."""
        ...
    @property
    def evidence(self) -> Evidence:
        """What proves it; consent that is given needs a reference, or the text shown and the reply."""
        ...
    @property
    def notice(self) -> str | None:
        """The notice the person had before them."""
        ...
    @property
    def acted_at(self) -> datetime | None:
        """When the person acted; now, if missing."""
        ...
    @property
    def interacted_at(self) -> datetime | None:
        """When the person had the text before them: the form was opened, the call began. Missing: as `acted_at`."""
        ...
    @property
    def valid_until(self) -> datetime | None:
        """When consent ends by itself."""
        ...
    @property
    def by(self) -> ConsentActor:
        """Who acted."""
        ...
    @property
    def goods(self) -> list[str]:
        """The goods or services it covers, in the account's own words; none named: any."""
        ...
    @property
    def channels(self) -> list[str]:
        """The channels it covers (`whatsapp`, `email`, `sms`, `phone`); none named: WhatsApp."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ConsentEvent:
    """A consent event as recorded. Events are never changed or removed while the person is known."""
    def __new__(cls, id: str, person: str, purpose: Purpose, status: ConsentStatus, source: ConsentSource, evidence: Evidence, acted_at: datetime, recorded_at: datetime, by: ConsentActor, *, notice: str | None = None, interacted_at: datetime | None = None, confirmed_at: datetime | None = None, valid_until: datetime | None = None, goods: Sequence[str] = ..., channels: Sequence[str] = ...) -> ConsentEvent: ...
    @property
    def id(self) -> str:
        """Its id; later events have greater ids."""
        ...
    @property
    def person(self) -> str:
        """Whose."""
        ...
    @property
    def purpose(self) -> Purpose:
        """For what."""
        ...
    @property
    def status(self) -> ConsentStatus:
        """Where consent stood from then on."""
        ...
    @property
    def source(self) -> ConsentSource:
        """By what way."""
        ...
    @property
    def evidence(self) -> Evidence:
        """What proves it."""
        ...
    @property
    def notice(self) -> str | None:
        """The notice the person had before them."""
        ...
    @property
    def acted_at(self) -> datetime:
        """When the person acted: the interaction."""
        ...
    @property
    def interacted_at(self) -> datetime | None:
        """When the person had the text before them, where that was told apart."""
        ...
    @property
    def confirmed_at(self) -> datetime | None:
        """When consent stood from: the act, or its confirmation."""
        ...
    @property
    def recorded_at(self) -> datetime:
        """When it was recorded."""
        ...
    @property
    def valid_until(self) -> datetime | None:
        """When consent ends by itself."""
        ...
    @property
    def by(self) -> ConsentActor:
        """Who acted."""
        ...
    @property
    def goods(self) -> list[str]:
        """The goods or services it covers; none named: any."""
        ...
    @property
    def channels(self) -> list[str]:
        """The channels it covers; none named: WhatsApp."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ConsentFact:
    """One consent event, as a fact."""
    def __new__(cls, *, status: ConsentStatus = ..., at: datetime | None = None, recorded_at: datetime | None = None, by: ConsentActor = ..., demonstrable: bool = False, valid_until: datetime | None = None, goods: Sequence[str] = ..., channels: Sequence[str] = ..., confirmed_at: datetime | None = None) -> ConsentFact: ...
    @property
    def status(self) -> ConsentStatus:
        """Where consent stood from then on."""
        ...
    @property
    def at(self) -> datetime | None:
        """When the person acted; absent: unknown, and then consent cannot be given by it."""
        ...
    @property
    def recorded_at(self) -> datetime | None:
        """When it was recorded."""
        ...
    @property
    def by(self) -> ConsentActor:
        """Who acted."""
        ...
    @property
    def demonstrable(self) -> bool:
        """Whether it could be proved."""
        ...
    @property
    def valid_until(self) -> datetime | None:
        """When consent ends by itself."""
        ...
    @property
    def goods(self) -> list[str]:
        """The goods or services it covers; none named: any."""
        ...
    @property
    def channels(self) -> list[str]:
        """The channels it covers; none named: WhatsApp."""
        ...
    @property
    def confirmed_at(self) -> datetime | None:
        """When the person confirmed it (double opt-in)."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ConsentFacts:
    """Where consent for the message's purpose stands."""
    def __new__(cls, *, status: ConsentStatus = ..., since: datetime | None = None, demonstrable: bool = False, valid_until: datetime | None = None, goods: Sequence[str] = ..., channels: Sequence[str] = ..., confirmed_at: datetime | None = None, notice_given: bool | None = None, purpose_in_notice: bool | None = None, notice_superseded: bool = False, history: Sequence[ConsentFact] = ...) -> ConsentFacts: ...
    @property
    def status(self) -> ConsentStatus:
        """Where it stands. Ignored when `history` is given."""
        ...
    @property
    def since(self) -> datetime | None:
        """When the person last acted."""
        ...
    @property
    def demonstrable(self) -> bool:
        """Whether it could be proved (POPIA s11(2)(a), GDPR 7(1))."""
        ...
    @property
    def valid_until(self) -> datetime | None:
        """When it ends by itself."""
        ...
    @property
    def goods(self) -> list[str]:
        """The goods or services it covers; none named: any."""
        ...
    @property
    def channels(self) -> list[str]:
        """The channels it covers; none named: WhatsApp."""
        ...
    @property
    def confirmed_at(self) -> datetime | None:
        """When the person confirmed it (double opt-in)."""
        ...
    @property
    def notice_given(self) -> bool | None:
        """Whether the person had the notice before them (POPIA s18, GDPR 13); absent: unknown."""
        ...
    @property
    def purpose_in_notice(self) -> bool | None:
        """Whether that notice named the purpose; absent: unknown."""
        ...
    @property
    def notice_superseded(self) -> bool:
        """Whether a notice with a material change has come since, to which the person has not been asked again."""
        ...
    @property
    def history(self) -> list[ConsentFact]:
        """What the person said, event by event, in any order. The state is their fold."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ConsentView:
    """Where consent for one purpose stands: the fold of its events."""
    def __new__(cls, purpose: Purpose, status: ConsentStatus, since: datetime, source: ConsentSource, *, demonstrable: bool = False, notice: str | None = None, valid_until: datetime | None = None, confirmed_at: datetime | None = None, goods: Sequence[str] = ..., channels: Sequence[str] = ...) -> ConsentView: ...
    @property
    def purpose(self) -> Purpose:
        """For what."""
        ...
    @property
    def status(self) -> ConsentStatus:
        """Where it stands."""
        ...
    @property
    def since(self) -> datetime:
        """Since when."""
        ...
    @property
    def source(self) -> ConsentSource:
        """By what way."""
        ...
    @property
    def demonstrable(self) -> bool:
        """Whether it could be proved."""
        ...
    @property
    def notice(self) -> str | None:
        """The notice it was given under."""
        ...
    @property
    def valid_until(self) -> datetime | None:
        """When it ends by itself."""
        ...
    @property
    def confirmed_at(self) -> datetime | None:
        """When the person confirmed it (double opt-in)."""
        ...
    @property
    def goods(self) -> list[str]:
        """The goods or services it covers; none named: any."""
        ...
    @property
    def channels(self) -> list[str]:
        """The channels it covers; none named: WhatsApp."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Contact:
    """A contact."""
    def __new__(cls, id: str, created_at: datetime, *, phone: str | None = None, bsuids: Sequence[str] = ..., name: str | None = None, language: str | None = None, zone: str | None = None, country: str | None = None, attributes: dict[str, str] = ..., provenance: Provenance | None = None, consents: Sequence[ConsentView] = ..., suppressed: bool = False, restricted: bool = False, objections: Sequence[ObjectionScope] = ..., last_inbound_at: datetime | None = None) -> Contact: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def phone(self) -> str | None:
        """The phone number in E.164; missing for people without one."""
        ...
    @property
    def bsuids(self) -> list[str]:
        """Business-scoped user ids."""
        ...
    @property
    def name(self) -> str | None:
        """How to address the person."""
        ...
    @property
    def language(self) -> str | None:
        """BCP 47."""
        ...
    @property
    def zone(self) -> str | None:
        """IANA zone in which hours are judged; `None` when the country has several and none was given."""
        ...
    @property
    def country(self) -> str | None:
        """ISO 3166-1 alpha-2."""
        ...
    @property
    def attributes(self) -> dict[str, str]:
        """The host's own attributes."""
        ...
    @property
    def provenance(self) -> Provenance | None:
        """Where the data comes from."""
        ...
    @property
    def consents(self) -> list[ConsentView]:
        """Where consent stands, by purpose."""
        ...
    @property
    def suppressed(self) -> bool:
        """Whether the number is on the account's suppression list."""
        ...
    @property
    def restricted(self) -> bool:
        """Whether processing is restricted (GDPR 18, POPIA s14(6))."""
        ...
    @property
    def objections(self) -> list[ObjectionScope]:
        """What the person objected to."""
        ...
    @property
    def last_inbound_at(self) -> datetime | None:
        """When the person last wrote."""
        ...
    @property
    def created_at(self) -> datetime:
        """When the contact was made."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ContactCard:
    """A contact card. It is somebody's personal data: whoever passes it on needs a reason for that too."""
    def __new__(cls, *, name: CardName = ..., phones: Sequence[CardPhone] = ..., emails: Sequence[CardEmail] = ..., urls: Sequence[CardUrl] = ..., addresses: Sequence[CardAddress] = ..., organisation: CardOrganisation | None = None, birthday: str | None = None) -> ContactCard: ...
    @property
    def name(self) -> CardName:
        """The name."""
        ...
    @property
    def phones(self) -> list[CardPhone]:
        """Phone numbers."""
        ...
    @property
    def emails(self) -> list[CardEmail]:
        """E-mail addresses."""
        ...
    @property
    def urls(self) -> list[CardUrl]:
        """Web addresses."""
        ...
    @property
    def addresses(self) -> list[CardAddress]:
        """Postal addresses."""
        ...
    @property
    def organisation(self) -> CardOrganisation | None:
        """Where the person works."""
        ...
    @property
    def birthday(self) -> str | None:
        """The day of birth, `YYYY-MM-DD`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ContactPage:
    """Some contacts and where to go on."""
    def __new__(cls, *, contacts: Sequence[Contact] = ..., next: str | None = None) -> ContactPage: ...
    @property
    def contacts(self) -> list[Contact]:
        """The contacts, the oldest first."""
        ...
    @property
    def next(self) -> str | None:
        """Give it back as `after`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ConversationFilter:
    """Which conversations are counted and by what they are told apart; what is left out leaves nothing out."""
    def __new__(cls, *, phone_numbers: Sequence[str] = ..., categories: Sequence[str] = ..., kinds: Sequence[str] = ..., directions: Sequence[str] = ..., dimensions: Sequence[ConversationDimension] = ...) -> ConversationFilter: ...
    @property
    def phone_numbers(self) -> list[str]:
        """The business's numbers in E.164."""
        ...
    @property
    def categories(self) -> list[str]:
        """Of `AUTHENTICATION`, `MARKETING`, `SERVICE` and `UTILITY`."""
        ...
    @property
    def kinds(self) -> list[str]:
        """Of `FREE_ENTRY`, `FREE_TIER` and `REGULAR`."""
        ...
    @property
    def directions(self) -> list[str]:
        """Of `BUSINESS_INITIATED`, `USER_INITIATED` and `UNKNOWN`."""
        ...
    @property
    def dimensions(self) -> list[ConversationDimension]:
        """By what they are told apart. Without any there is one point for each step."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ConversationPoint:
    """Conversations within a step. What they are told apart by is there where it was asked for."""
    def __new__(cls, start: datetime, end: datetime, conversations: int, *, cost: float | None = None, category: str | None = None, direction: str | None = None, kind: str | None = None, country: str | None = None, phone_number: str | None = None) -> ConversationPoint: ...
    @property
    def start(self) -> datetime:
        """When the step begins."""
        ...
    @property
    def end(self) -> datetime:
        """When it ends."""
        ...
    @property
    def conversations(self) -> int:
        """How many."""
        ...
    @property
    def cost(self) -> float | None:
        """About what they cost, in the account's currency; `None` for an account that pays through a partner."""
        ...
    @property
    def category(self) -> str | None:
        """What they are about."""
        ...
    @property
    def direction(self) -> str | None:
        """Who began."""
        ...
    @property
    def kind(self) -> str | None:
        """Whether they are charged."""
        ...
    @property
    def country(self) -> str | None:
        """The country of the people."""
        ...
    @property
    def phone_number(self) -> str | None:
        """The number of the business, in digits."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Cost:
    """A sum in one currency."""
    def __new__(cls, currency: str, micros: int) -> Cost: ...
    @property
    def currency(self) -> str:
        """ISO 4217."""
        ...
    @property
    def micros(self) -> int:
        """Millionths."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Declaration:
    """Something to declare about a person."""
    def __new__(cls, person: str, statement: Statement, source: ConsentSource, evidence: Evidence, *, acted_at: datetime | None = None) -> Declaration: ...
    @property
    def person(self) -> str:
        """About whom."""
        ...
    @property
    def statement(self) -> Statement:
        """What."""
        ...
    @property
    def source(self) -> ConsentSource:
        """By what way it came."""
        ...
    @property
    def evidence(self) -> Evidence:
        """What proves it. An agreement to hours needs it."""
        ...
    @property
    def acted_at(self) -> datetime | None:
        """When it was said; now, if missing."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Declared:
    """A declaration as kept."""
    def __new__(cls, id: str, person: str, statement: Statement, source: ConsentSource, evidence: Evidence, acted_at: datetime, recorded_at: datetime) -> Declared: ...
    @property
    def id(self) -> str:
        """Its id; later ones have greater ids."""
        ...
    @property
    def person(self) -> str:
        """About whom."""
        ...
    @property
    def statement(self) -> Statement:
        """What."""
        ...
    @property
    def source(self) -> ConsentSource:
        """By what way it came."""
        ...
    @property
    def evidence(self) -> Evidence:
        """What proves it."""
        ...
    @property
    def acted_at(self) -> datetime:
        """When it was said."""
        ...
    @property
    def recorded_at(self) -> datetime:
        """When it was recorded."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class DelayOrder:
    """An order or determination that the people are not told yet (POPIA s22(3))."""
    def __new__(cls, by: str, reference: str, *, until: datetime | None = None) -> DelayOrder: ...
    @property
    def by(self) -> str:
        """Who gave it: a public body that prevents, detects or investigates offences, or the Regulator. Nobody else can."""
        ...
    @property
    def reference(self) -> str:
        """Its reference."""
        ...
    @property
    def until(self) -> datetime | None:
        """Until when; missing: until it is taken back."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Disclosure:
    """An entry of the register of disclosures."""
    def __new__(cls, id: str, recipient: str, recipient_class: RecipientClass, provision: str, first_at: datetime, last_at: datetime, count: int, *, purpose: str | None = None, categories: Sequence[str] = ..., contract: str | None = None, legal_reference: str | None = None, person: str | None = None) -> Disclosure: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def recipient(self) -> str:
        """Who got the data."""
        ...
    @property
    def recipient_class(self) -> RecipientClass:
        """What kind of recipient it is."""
        ...
    @property
    def purpose(self) -> str | None:
        """What the data were for."""
        ...
    @property
    def categories(self) -> list[str]:
        """Which kinds of data."""
        ...
    @property
    def provision(self) -> str:
        """The provision it rests on."""
        ...
    @property
    def contract(self) -> str | None:
        """The contract with a service provider."""
        ...
    @property
    def legal_reference(self) -> str | None:
        """The law, order or request that an authority relied on."""
        ...
    @property
    def person(self) -> str | None:
        """Whose; `None` for those of many."""
        ...
    @property
    def first_at(self) -> datetime:
        """The first time."""
        ...
    @property
    def last_at(self) -> datetime:
        """The last time."""
        ...
    @property
    def count(self) -> int:
        """How often."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class DisclosurePage:
    """Some entries and where to go on."""
    def __new__(cls, *, disclosures: Sequence[Disclosure] = ..., next: str | None = None) -> DisclosurePage: ...
    @property
    def disclosures(self) -> list[Disclosure]:
        """The entries."""
        ...
    @property
    def next(self) -> str | None:
        """Give it back as `after`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Draft:
    """A message before the gate."""
    def __new__(cls, to: Recipient, content: Content, purpose: Purpose, *, sender: str | None = None, reply_to: str | None = None, identity_hash: str | None = None, not_before: datetime | None = None, expires_at: datetime | None = None, dedupe_key: str | None = None, goods: str | None = None) -> Draft: ...
    @property
    def to(self) -> Recipient:
        """To whom."""
        ...
    @property
    def content(self) -> Content:
        """What."""
        ...
    @property
    def purpose(self) -> Purpose:
        """Why."""
        ...
    @property
    def sender(self) -> str | None:
        """From which phone number id; `None` is the account's first."""
        ...
    @property
    def reply_to(self) -> str | None:
        """WhatsApp's id of the message that this one answers."""
        ...
    @property
    def identity_hash(self) -> str | None:
        """
        The hash of the person's identity key, as a webhook told it: WhatsApp delivers only if it is still theirs, and
        refuses with 137000 if it is not. At most 256 characters.
        """
        ...
    @property
    def not_before(self) -> datetime | None:
        """Not before this moment."""
        ...
    @property
    def expires_at(self) -> datetime | None:
        """Not after this moment; `None` is the account's default."""
        ...
    @property
    def dedupe_key(self) -> str | None:
        """The host's own name for this message: a second `send` with the same key is the same message."""
        ...
    @property
    def goods(self) -> str | None:
        """
        What it promotes, in the account's own words. Marketing to customers without consent needs it: it
        must be similar to what they bought (POPIA s69(3)(b)); and consent may be limited to some goods.
        """
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class DueItem:
    """Something that a human must do."""
    def __new__(cls, request: str, right: RightKind, state: RequestState, action: str, due_at: datetime, alarm: int, *, overdue: bool = False, extension_notice_by: datetime | None = None) -> DueItem: ...
    @property
    def request(self) -> str:
        """The request."""
        ...
    @property
    def right(self) -> RightKind:
        """The right."""
        ...
    @property
    def state(self) -> RequestState:
        """Where the request stands."""
        ...
    @property
    def action(self) -> str:
        """What is to be done."""
        ...
    @property
    def due_at(self) -> datetime:
        """By when."""
        ...
    @property
    def alarm(self) -> int:
        """How much of the time is gone: 0, 50, 80 or 100 percent."""
        ...
    @property
    def overdue(self) -> bool:
        """Whether it is late: then it is a breach of the law or of the account's own promise."""
        ...
    @property
    def extension_notice_by(self) -> datetime | None:
        """Until when the person can be told that it takes longer; `None` where it cannot."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class DueList:
    """What a human must do, the most urgent first."""
    def __new__(cls, overdue: int, today: int, *, items: Sequence[DueItem] = ...) -> DueList: ...
    @property
    def items(self) -> list[DueItem]:
        """All that is open."""
        ...
    @property
    def overdue(self) -> int:
        """How many are late."""
        ...
    @property
    def today(self) -> int:
        """How many are due within a day."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class EngineStatus:
    """What the engine is doing."""
    def __new__(cls, queued: int, in_flight: int, in_doubt: int, webhooks: int, store_epoch: int, *, next_due_at: datetime | None = None, stopped: Sequence[StoppedNumber] = ..., waiting_to_resume: bool = False, graph: GraphStatus | None = None) -> EngineStatus: ...
    @property
    def queued(self) -> int:
        """Messages waiting for their time or turn."""
        ...
    @property
    def in_flight(self) -> int:
        """Messages taken by a worker or on their way."""
        ...
    @property
    def in_doubt(self) -> int:
        """Messages that may have been accepted."""
        ...
    @property
    def webhooks(self) -> int:
        """Stored webhooks that are not applied yet."""
        ...
    @property
    def next_due_at(self) -> datetime | None:
        """When the next waiting message is due."""
        ...
    @property
    def stopped(self) -> list[StoppedNumber]:
        """Numbers that were stopped, with the error code that stopped them."""
        ...
    @property
    def store_epoch(self) -> int:
        """How often this database was restored from a copy."""
        ...
    @property
    def waiting_to_resume(self) -> bool:
        """Whether this database is a restored copy that sends nothing until `resume` is called."""
        ...
    @property
    def graph(self) -> GraphStatus | None:
        """The Graph API's version that is used; `None` with a transport of the host's own."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ErasureOptions:
    """How to erase somebody."""
    def __new__(cls, *, ground: ErasureGround = ..., request: str | None = None) -> ErasureOptions: ...
    @property
    def ground(self) -> ErasureGround:
        """Why."""
        ...
    @property
    def request(self) -> str | None:
        """The request that it answers."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ErasurePage:
    """Some proofs and where to go on."""
    def __new__(cls, *, proofs: Sequence[ErasureProof] = ..., next: str | None = None) -> ErasurePage: ...
    @property
    def proofs(self) -> list[ErasureProof]:
        """The proofs."""
        ...
    @property
    def next(self) -> str | None:
        """Give it back as `after`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ErasureProof:
    """The proof of an erasure. It names nobody."""
    def __new__(cls, pseudonym: str, at: datetime, ground: ErasureGround, method: str, *, done: bool = False, held_by: Sequence[str] = ..., erased: dict[str, int] = ..., retained: Sequence[RetainedPart] = ..., recipients: Sequence[str] = ..., suppressed: bool = False, request: str | None = None) -> ErasureProof: ...
    @property
    def pseudonym(self) -> str:
        """The person, as nobody but this account can make it and nobody can reverse it."""
        ...
    @property
    def at(self) -> datetime:
        """When."""
        ...
    @property
    def ground(self) -> ErasureGround:
        """Why."""
        ...
    @property
    def done(self) -> bool:
        """Whether it is done. While a legal hold stands the data is kept, restricted, and nothing is sent."""
        ...
    @property
    def held_by(self) -> list[str]:
        """The holds that stand against it, by their reference."""
        ...
    @property
    def erased(self) -> dict[str, int]:
        """How many records went, by kind."""
        ...
    @property
    def retained(self) -> list[RetainedPart]:
        """What a law wants kept."""
        ...
    @property
    def recipients(self) -> list[str]:
        """Who got the data and must be told of the erasure (GDPR 19, POPIA s24(3))."""
        ...
    @property
    def suppressed(self) -> bool:
        """Whether their addresses stay on the suppression list."""
        ...
    @property
    def request(self) -> str | None:
        """The request that it answers."""
        ...
    @property
    def method(self) -> str:
        """How: for the register of processing."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Event:
    """One event of the ordered stream."""
    def __new__(cls, cursor: str, at: datetime, happening: Happening, *, person: str | None = None, message: str | None = None) -> Event: ...
    @property
    def cursor(self) -> str:
        """Its place in the stream; give it back as `after` to go on behind it."""
        ...
    @property
    def at(self) -> datetime:
        """When it happened, by WhatsApp's time where it has one."""
        ...
    @property
    def person(self) -> str | None:
        """Whom it concerns."""
        ...
    @property
    def message(self) -> str | None:
        """Which message of ours it concerns."""
        ...
    @property
    def happening(self) -> Happening:
        """What happened."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class EventPage:
    """Some events and where to go on."""
    def __new__(cls, *, events: Sequence[Event] = ..., next: str | None = None) -> EventPage: ...
    @property
    def events(self) -> list[Event]:
        """The events, in order."""
        ...
    @property
    def next(self) -> str | None:
        """The cursor of the last one; stays where it was when there is none."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Evidence:
    """What proves a consent event. POPIA s11(2)(a) and GDPR 7(1) put the burden of proof on the account."""
    def __new__(cls, *, kind: EvidenceKind = ..., reference: str | None = None, text_shown: str | None = None, reply: str | None = None) -> Evidence: ...
    @property
    def kind(self) -> EvidenceKind:
        """What kind of proof it is."""
        ...
    @property
    def reference(self) -> str | None:
        """Where the proof is kept: a form's id, a message's id, a recording's reference."""
        ...
    @property
    def text_shown(self) -> str | None:
        """The words the person saw."""
        ...
    @property
    def reply(self) -> str | None:
        """What the person answered."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ExpiringItem:
    """Something that is over."""
    def __new__(cls, kind: str, id: str, retention: str, due_at: datetime, action: str) -> ExpiringItem: ...
    @property
    def kind(self) -> str:
        """The kind of record."""
        ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def retention(self) -> str:
        """Its retention class."""
        ...
    @property
    def due_at(self) -> datetime:
        """Since when it is over."""
        ...
    @property
    def action(self) -> str:
        """What would be done: `erase`, `minimise`, `held`, `postpone`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Explanation:
    """A decision with all that is needed to understand and repeat it."""
    def __new__(cls, decision: Decision, text: str, facts: Facts, at: datetime, rule_set: str, input_hash: str, decided_at: datetime, *, warnings: Sequence[Reason] = ..., dispatched_at: datetime | None = None) -> Explanation: ...
    @property
    def decision(self) -> Decision:
        """What the gate said."""
        ...
    @property
    def text(self) -> str:
        """The same in plain words with the provisions."""
        ...
    @property
    def facts(self) -> Facts:
        """What it looked at."""
        ...
    @property
    def at(self) -> datetime:
        """The moment for which it was decided."""
        ...
    @property
    def warnings(self) -> list[Reason]:
        """What does not stand against the message, and ought to be known."""
        ...
    @property
    def rule_set(self) -> str:
        """The rules' version."""
        ...
    @property
    def input_hash(self) -> str:
        """SHA-256 of facts and moment, hexadecimal."""
        ...
    @property
    def decided_at(self) -> datetime:
        """When it was decided."""
        ...
    @property
    def dispatched_at(self) -> datetime | None:
        """When the request to WhatsApp began: the proof of the hour (GN R293 item 3)."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ExportOptions:
    """How to export a person's data."""
    def __new__(cls, *, kind: ExportKind = ..., recipient: str | None = None, language: str | None = None) -> ExportOptions: ...
    @property
    def kind(self) -> ExportKind:
        """What it answers."""
        ...
    @property
    def recipient(self) -> str | None:
        """A public key of age (`age1...`): only its owner can open the file then. Missing: a plain ZIP."""
        ...
    @property
    def language(self) -> str | None:
        """The language of the page (BCP 47); the person's own, if missing."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ExportReport:
    """What an export holds."""
    def __new__(cls, left_out: int, bytes: int, sha256: str, *, sections: dict[str, int] = ..., encrypted: bool = False) -> ExportReport: ...
    @property
    def sections(self) -> dict[str, int]:
        """How many items, by section."""
        ...
    @property
    def left_out(self) -> int:
        """How many items portability left out."""
        ...
    @property
    def bytes(self) -> int:
        """The file's size in bytes."""
        ...
    @property
    def sha256(self) -> str:
        """SHA-256 of the file, hexadecimal."""
        ...
    @property
    def encrypted(self) -> bool:
        """Whether it is encrypted."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Facts:
    """Everything that a decision rests on, besides the moment."""
    def __new__(cls, *, person: PersonFacts = ..., account: AccountFacts = ..., message: MessageFacts = ..., consent: ConsentFacts = ..., relationship: RelationshipFacts = ..., registry: RegistryFacts | None = None, agreements: AgreementFacts = ..., declared_holidays: Sequence[str] = ...) -> Facts: ...
    @property
    def person(self) -> PersonFacts:
        """The data subject."""
        ...
    @property
    def account(self) -> AccountFacts:
        """The responsible party."""
        ...
    @property
    def message(self) -> MessageFacts:
        """What is to be sent."""
        ...
    @property
    def consent(self) -> ConsentFacts:
        """Where the person's consent for the message's purpose stands."""
        ...
    @property
    def relationship(self) -> RelationshipFacts:
        """How the contact was obtained and what the person bought."""
        ...
    @property
    def registry(self) -> RegistryFacts | None:
        """What the national opt-out registry says; absent where the account uses none."""
        ...
    @property
    def agreements(self) -> AgreementFacts:
        """What the person agreed to in writing."""
        ...
    @property
    def declared_holidays(self) -> list[str]:
        """Days declared public holidays in South Africa beyond the Act's own, `YYYY-MM-DD`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Failure:
    """A promise that was not kept."""
    def __new__(cls, name: str, promise: str, detail: str) -> Failure: ...
    @property
    def name(self) -> str:
        """The case's name."""
        ...
    @property
    def promise(self) -> str:
        """What was promised."""
        ...
    @property
    def detail(self) -> str:
        """What was seen instead."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Flow:
    """A form (Meta: WhatsApp Flows > Flows API)."""
    def __new__(cls, id: str, name: str, status: str, *, categories: Sequence[str] = ..., errors: Sequence[FlowError] = ..., json_version: str | None = None, data_api_version: str | None = None, endpoint: str | None = None, preview_url: str | None = None, preview_until: datetime | None = None, updated_at: datetime | None = None) -> Flow: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def name(self) -> str:
        """Its name, which people do not see."""
        ...
    @property
    def status(self) -> str:
        """`DRAFT`, `PUBLISHED`, `DEPRECATED`, `BLOCKED` or `THROTTLED`."""
        ...
    @property
    def categories(self) -> list[str]:
        """What it is for."""
        ...
    @property
    def errors(self) -> list[FlowError]:
        """What is wrong with its file. One with errors is not published."""
        ...
    @property
    def json_version(self) -> str | None:
        """The version of its file's language. Not in lists."""
        ...
    @property
    def data_api_version(self) -> str | None:
        """The version of the protocol with its endpoint. Not in lists."""
        ...
    @property
    def endpoint(self) -> str | None:
        """Where its data comes from, if not from the file alone. Not in lists."""
        ...
    @property
    def preview_url(self) -> str | None:
        """Where it can be looked at. Whoever has the address can, so that it is not for everybody. Not in lists."""
        ...
    @property
    def preview_until(self) -> datetime | None:
        """Until when. Not in lists."""
        ...
    @property
    def updated_at(self) -> datetime | None:
        """When it was changed last. Not in lists."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class FlowAsset:
    """A file of a flow."""
    def __new__(cls, name: str, kind: str, *, download_url: str | None = None) -> FlowAsset: ...
    @property
    def name(self) -> str:
        """Its name: `flow.json`."""
        ...
    @property
    def kind(self) -> str:
        """What it is: `FLOW_JSON`."""
        ...
    @property
    def download_url(self) -> str | None:
        """Where it can be fetched for a while, without a token."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class FlowClientError:
    """What went wrong on the phone with the answer before."""
    def __new__(cls, error: str, *, message: str | None = None) -> FlowClientError: ...
    @property
    def error(self) -> str:
        """Its name, for example `INVALID_SCREEN_TRANSITION`."""
        ...
    @property
    def message(self) -> str | None:
        """In words, where it is said."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class FlowError:
    """What is wrong with a flow's file."""
    def __new__(cls, error: str, kind: str, message: str, *, line: int | None = None, column: int | None = None) -> FlowError: ...
    @property
    def error(self) -> str:
        """Its name, for example `INVALID_PROPERTY`."""
        ...
    @property
    def kind(self) -> str:
        """Its kind, for example `FLOW_JSON_ERROR`."""
        ...
    @property
    def message(self) -> str:
        """In words."""
        ...
    @property
    def line(self) -> int | None:
        """The line on which it begins, from 1."""
        ...
    @property
    def column(self) -> int | None:
        """The column at which it begins, from 1."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class FlowErrorCount:
    """How often a flow failed in one way."""
    def __new__(cls, *, kind: str | None = None, rate: float | None = None, count: int | None = None) -> FlowErrorCount: ...
    @property
    def kind(self) -> str | None:
        """For example `TIMEOUT`."""
        ...
    @property
    def rate(self) -> float | None:
        """Its share in percent."""
        ...
    @property
    def count(self) -> int | None:
        """How often."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class FlowHandled:
    """What came of an HTTP request: the answer itself, or what the host is to answer."""
    def __new__(cls, *, response: HttpResponse | None = None, request: FlowRequest | None = None) -> FlowHandled: ...
    @property
    def response(self) -> HttpResponse | None:
        """What to answer WhatsApp with, where nothing has to be decided."""
        ...
    @property
    def request(self) -> FlowRequest | None:
        """Otherwise what the phone asks: give it to `answer`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class FlowKey:
    """
    The key for which WhatsApp encrypts what flows of a number send to their endpoint (Meta: Flows > Business
    encryption).
    """
    def __new__(cls, *, public_key: str | None = None, status: str | None = None) -> FlowKey: ...
    @property
    def public_key(self) -> str | None:
        """The public key, as PEM; `None` where none is set."""
        ...
    @property
    def status(self) -> str | None:
        """`VALID`, or `MISMATCH` where it was signed before the number was registered anew: then it is to be set again."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class FlowMade:
    """A flow that was made."""
    def __new__(cls, id: str, *, errors: Sequence[FlowError] = ...) -> FlowMade: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def errors(self) -> list[FlowError]:
        """What is wrong with the file that it was made with. The flow exists all the same."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class FlowMedia:
    """A file that a person put into a flow. `Debug` shows neither its name nor its bytes."""
    def __new__(cls, media_id: str, filename: str, bytes: bytes) -> FlowMedia: ...
    @property
    def media_id(self) -> str:
        """WhatsApp's id of it."""
        ...
    @property
    def filename(self) -> str:
        """Its name on the person's phone."""
        ...
    @property
    def bytes(self) -> bytes:
        """Its bytes."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class FlowMigration:
    """What a migration of flows came to."""
    def __new__(cls, *, migrated: Sequence[MigratedFlow] = ..., failed: Sequence[UnmigratedFlow] = ...) -> FlowMigration: ...
    @property
    def migrated(self) -> list[MigratedFlow]:
        """The copies."""
        ...
    @property
    def failed(self) -> list[UnmigratedFlow]:
        """Those that were not copied."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class FlowPage:
    """A page of the account's flows."""
    def __new__(cls, *, flows: Sequence[Flow] = ..., next: str | None = None) -> FlowPage: ...
    @property
    def flows(self) -> list[Flow]:
        """The flows."""
        ...
    @property
    def next(self) -> str | None:
        """Where the next page begins; `None` on the last one."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class FlowPrivateKey:
    """A private key of the endpoint of flows. It is a secret: `Debug` shows nothing of it."""
    def __new__(cls, pem: str, *, passphrase: str | None = None) -> FlowPrivateKey: ...
    @property
    def pem(self) -> str:
        """An RSA key of 2,048 bits in PEM: `PRIVATE KEY` or `ENCRYPTED PRIVATE KEY` (PKCS#8), or `RSA PRIVATE KEY`."""
        ...
    @property
    def passphrase(self) -> str | None:
        """What opens an encrypted one."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class FlowRequest:
    """What a phone asks. `Debug` shows nothing that the person entered."""
    def __new__(cls, exchange: str, action: FlowAction, data: str, version: str, *, screen: str | None = None, flow_token: str | None = None, error: FlowClientError | None = None) -> FlowRequest: ...
    @property
    def exchange(self) -> str:
        """Names the request in `answer`, which takes it once and within a minute."""
        ...
    @property
    def action(self) -> FlowAction:
        """Why it asks."""
        ...
    @property
    def screen(self) -> str | None:
        """The screen that it comes from; none with `ping` and `init`."""
        ...
    @property
    def data(self) -> str:
        """What was entered or handed over: a JSON object, as text."""
        ...
    @property
    def flow_token(self) -> str | None:
        """What the message gave the flow to be recognised by. Whoever is asked decides whether it still counts."""
        ...
    @property
    def version(self) -> str:
        """The version of the protocol, for example `3.0`."""
        ...
    @property
    def error(self) -> FlowClientError | None:
        """Where this tells of an error instead of asking. Answer `FlowAnswer.Acknowledged`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class FlowUpdate:
    """What is to be changed of a flow; what is left out stays."""
    def __new__(cls, *, name: str | None = None, categories: Sequence[str] | None = None, endpoint: str | None = None, application: str | None = None) -> FlowUpdate: ...
    @property
    def name(self) -> str | None:
        """Its name. Of a draft only."""
        ...
    @property
    def categories(self) -> list[str] | None:
        """What it is for, in place of what was said. Of a draft only."""
        ...
    @property
    def endpoint(self) -> str | None:
        """Where its data comes from."""
        ...
    @property
    def application(self) -> str | None:
        """Meta's id of the app that the endpoint belongs to."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class GraphAnswer:
    """What a call was answered, whether it worked or was refused. `Debug` does not show the answer."""
    def __new__(cls, status: int, json: str, *, used_percent: int | None = None, regain_minutes: int | None = None) -> GraphAnswer: ...
    @property
    def status(self) -> int:
        """The HTTP status."""
        ...
    @property
    def json(self) -> str:
        """The body, which is JSON unless something on the way answered."""
        ...
    @property
    def used_percent(self) -> int | None:
        """How much of the hourly calls is used up, in percent, where the answer says so."""
        ...
    @property
    def regain_minutes(self) -> int | None:
        """In how many minutes calls work again, where they are used up."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class GraphCall:
    """A call of the Graph API that manages an account. `Debug` shows neither query nor payload."""
    def __new__(cls, method: GraphMethod, path: str, payload: GraphPayload, *, query: dict[str, str] = ...) -> GraphCall: ...
    @property
    def method(self) -> GraphMethod:
        """What it does."""
        ...
    @property
    def path(self) -> str:
        """The path behind the API's version, without a slash at its beginning: `1065551234/register`."""
        ...
    @property
    def query(self) -> dict[str, str]:
        """The query, not yet escaped."""
        ...
    @property
    def payload(self) -> GraphPayload:
        """What it carries."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class GraphStatus:
    """The Graph API's version that is used, and how long it works."""
    def __new__(cls, version: str, *, works_until: str | None = None, days_left: int | None = None) -> GraphStatus: ...
    @property
    def version(self) -> str:
        """For example `v25.0`."""
        ...
    @property
    def works_until(self) -> str | None:
        """
        The day on which it stops working, `YYYY-MM-DD`; `None` while Meta has not announced it, or where this conek
        does not know the version.
        """
        ...
    @property
    def days_left(self) -> int | None:
        """How many days that is from today; negative once it is over."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Group:
    """A group (Meta: Groups API > Group management)."""
    def __new__(cls, id: str, subject: str, *, description: str | None = None, join_approval: str | None = None, suspended: bool = False, created_at: datetime | None = None, members: Sequence[GroupMember] = ..., member_count: int | None = None) -> Group: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def subject(self) -> str:
        """What it is called."""
        ...
    @property
    def description(self) -> str | None:
        """What it is for."""
        ...
    @property
    def join_approval(self) -> str | None:
        """Whether people wait for the business's yes (`approval_required`) or are in at once (`auto_approve`)."""
        ...
    @property
    def suspended(self) -> bool:
        """Whether WhatsApp has suspended it."""
        ...
    @property
    def created_at(self) -> datetime | None:
        """When it was made."""
        ...
    @property
    def members(self) -> list[GroupMember]:
        """Who is in it, besides the business."""
        ...
    @property
    def member_count(self) -> int | None:
        """How many they are."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class GroupMember:
    """
    Somebody in a group, or who wants to be. Whoever may not see numbers gets the person alone. `Debug` shows none of
    it.
    """
    def __new__(cls, *, person: str | None = None, phone: str | None = None, bsuid: str | None = None) -> GroupMember: ...
    @property
    def person(self) -> str | None:
        """The contact, if they are one of this account."""
        ...
    @property
    def phone(self) -> str | None:
        """Their number, with `+`."""
        ...
    @property
    def bsuid(self) -> str | None:
        """Their business-scoped id."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class GroupPage:
    """A page of a number's groups."""
    def __new__(cls, *, groups: Sequence[GroupSummary] = ..., next: str | None = None) -> GroupPage: ...
    @property
    def groups(self) -> list[GroupSummary]:
        """The groups."""
        ...
    @property
    def next(self) -> str | None:
        """Where the next page begins; `None` on the last one."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class GroupPerson:
    """Somebody in an event of a group. `Debug` does not show them."""
    def __new__(cls, *, input: str | None = None, wa_id: str | None = None, user_id: str | None = None, username: str | None = None, code: int | None = None) -> GroupPerson: ...
    @property
    def input(self) -> str | None:
        """What the request called them."""
        ...
    @property
    def wa_id(self) -> str | None:
        """Their WhatsApp id: digits of a phone number."""
        ...
    @property
    def user_id(self) -> str | None:
        """Their business-scoped id."""
        ...
    @property
    def username(self) -> str | None:
        """Their username."""
        ...
    @property
    def code(self) -> int | None:
        """The error code, where it failed for them."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class GroupSetting:
    """A setting that was changed, or was not."""
    def __new__(cls, setting: str, *, text: str | None = None, changed: bool | None = None, code: int | None = None) -> GroupSetting: ...
    @property
    def setting(self) -> str:
        """`subject`, `description` or `profile_picture`."""
        ...
    @property
    def text(self) -> str | None:
        """Its new text."""
        ...
    @property
    def changed(self) -> bool | None:
        """Whether it was changed; `None` where WhatsApp does not say."""
        ...
    @property
    def code(self) -> int | None:
        """The error code, where it failed."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class GroupSummary:
    """A group as lists show it."""
    def __new__(cls, id: str, subject: str, *, created_at: datetime | None = None) -> GroupSummary: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def subject(self) -> str:
        """What it is called."""
        ...
    @property
    def created_at(self) -> datetime | None:
        """When it was made."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class GroupUpdate:
    """What is to be changed of a group; what is left out stays."""
    def __new__(cls, *, subject: str | None = None, description: str | None = None) -> GroupUpdate: ...
    @property
    def subject(self) -> str | None:
        """What it is called, 128 characters at most."""
        ...
    @property
    def description(self) -> str | None:
        """What it is for, 2,048 characters at most."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class HistoryChat:
    """A chat from before the number was connected. `Debug` shows how long it is."""
    def __new__(cls, *, wa_id: str | None = None, user_id: str | None = None, username: str | None = None, messages: Sequence[HistoryMessage] = ...) -> HistoryChat: ...
    @property
    def wa_id(self) -> str | None:
        """The person's WhatsApp id: digits of a phone number."""
        ...
    @property
    def user_id(self) -> str | None:
        """Their business-scoped id."""
        ...
    @property
    def username(self) -> str | None:
        """Their username."""
        ...
    @property
    def messages(self) -> list[HistoryMessage]:
        """What was said."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class HistoryMessage:
    """A message of such a chat. `Debug` does not show it."""
    def __new__(cls, wamid: str, at: datetime, said: Reply, *, by_business: bool = False, status: str | None = None) -> HistoryMessage: ...
    @property
    def wamid(self) -> str:
        """WhatsApp's id of it."""
        ...
    @property
    def by_business(self) -> bool:
        """Whether the business wrote it."""
        ...
    @property
    def at(self) -> datetime:
        """When."""
        ...
    @property
    def status(self) -> str | None:
        """`DELIVERED`, `READ`, `PLAYED`, `SENT`, `PENDING` or `ERROR`."""
        ...
    @property
    def said(self) -> Reply:
        """What it says."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class HoldFacts:
    """A hold that stands against erasing."""
    def __new__(cls, reference: str, *, until: datetime | None = None) -> HoldFacts: ...
    @property
    def reference(self) -> str:
        """The case or order."""
        ...
    @property
    def until(self) -> datetime | None:
        """When it ends; missing: when it is lifted."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Holiday:
    """A public holiday."""
    def __new__(cls, date: str, title: str, *, declared: bool = False) -> Holiday: ...
    @property
    def date(self) -> str:
        """The day, `YYYY-MM-DD`."""
        ...
    @property
    def title(self) -> str:
        """What it is called."""
        ...
    @property
    def declared(self) -> bool:
        """Whether it was declared for this year alone (Public Holidays Act s2A)."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class HttpRequest:
    """An HTTP request, whatever server received it."""
    def __new__(cls, method: str, path: str, body: bytes, *, headers: dict[str, str] = ...) -> HttpRequest: ...
    @property
    def method(self) -> str:
        """`GET` or `POST`."""
        ...
    @property
    def path(self) -> str:
        """The path with its query string."""
        ...
    @property
    def headers(self) -> dict[str, str]:
        """Header names (any case) and values."""
        ...
    @property
    def body(self) -> bytes:
        """The raw body."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class HttpResponse:
    """What to answer."""
    def __new__(cls, status: int, body: bytes, *, headers: dict[str, str] = ...) -> HttpResponse: ...
    @property
    def status(self) -> int:
        """The status code."""
        ...
    @property
    def headers(self) -> dict[str, str]:
        """Headers."""
        ...
    @property
    def body(self) -> bytes:
        """The body."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class IdentityCheck:
    """A check of who asks."""
    def __new__(cls, method: str, *, passed: bool = False, evidence: str | None = None) -> IdentityCheck: ...
    @property
    def method(self) -> str:
        """How, for example `code sent to the number`, `identity document seen, not kept`."""
        ...
    @property
    def passed(self) -> bool:
        """Whether it is the person."""
        ...
    @property
    def evidence(self) -> str | None:
        """Where the proof is kept."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ImportOptions:
    """How to read a file of people."""
    def __new__(cls, *, source: str | None = None, region: str | None = None, columns: dict[str, str] = ..., dry_run: bool = False) -> ImportOptions: ...
    @property
    def source(self) -> str | None:
        """Where the file comes from; used for rows without a `source` column."""
        ...
    @property
    def region(self) -> str | None:
        """Region of numbers without a country code, ISO 3166-1 alpha-2; by default the account's."""
        ...
    @property
    def columns(self) -> dict[str, str]:
        """Our field for a column that has another heading: `{"Cell": "phone"}`."""
        ...
    @property
    def dry_run(self) -> bool:
        """Reads and checks everything and stores nothing."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ImportReport:
    """What an import did."""
    def __new__(cls, id: str, rows: int, created: int, updated: int, duplicates: int, rejected: int, suppressed: int, consents: int, consent_without_evidence: int, *, problems: Sequence[RowProblem] = ...) -> ImportReport: ...
    @property
    def id(self) -> str:
        """The import's id, for a campaign to its people; empty after a dry run."""
        ...
    @property
    def rows(self) -> int:
        """Rows read, without the header."""
        ...
    @property
    def created(self) -> int:
        """New contacts."""
        ...
    @property
    def updated(self) -> int:
        """Contacts brought up to date."""
        ...
    @property
    def duplicates(self) -> int:
        """Rows that named a person of an earlier row of the same file again."""
        ...
    @property
    def rejected(self) -> int:
        """Rows that could not be taken."""
        ...
    @property
    def suppressed(self) -> int:
        """Rows whose person is on the suppression list: imported, and never sent marketing."""
        ...
    @property
    def consents(self) -> int:
        """Rows that brought consent with evidence."""
        ...
    @property
    def consent_without_evidence(self) -> int:
        """Rows that claimed consent without evidence: imported without it."""
        ...
    @property
    def problems(self) -> list[RowProblem]:
        """The first 1,000 problems."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class JoinRequest:
    """Somebody's wish to join a group."""
    def __new__(cls, id: str, member: GroupMember, *, created_at: datetime | None = None) -> JoinRequest: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def member(self) -> GroupMember:
        """Whose it is."""
        ...
    @property
    def created_at(self) -> datetime | None:
        """When they asked."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class JoinRequestPage:
    """A page of what people wish."""
    def __new__(cls, *, requests: Sequence[JoinRequest] = ..., next: str | None = None) -> JoinRequestPage: ...
    @property
    def requests(self) -> list[JoinRequest]:
        """The requests."""
        ...
    @property
    def next(self) -> str | None:
        """Where the next page begins; `None` on the last one."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class JoinRequestRefusal:
    """A request that could not be decided."""
    def __new__(cls, id: str, *, code: int | None = None) -> JoinRequestRefusal: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def code(self) -> int | None:
        """WhatsApp's code, where it said one."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class JoinRequestReport:
    """What became of a decision about requests."""
    def __new__(cls, *, done: Sequence[str] = ..., refused: Sequence[JoinRequestRefusal] = ...) -> JoinRequestReport: ...
    @property
    def done(self) -> list[str]:
        """The ids of those that were decided."""
        ...
    @property
    def refused(self) -> list[JoinRequestRefusal]:
        """Those that were not."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Key:
    """Names a record."""
    def __new__(cls, account: str, kind: str, id: str) -> Key: ...
    @property
    def account(self) -> str:
        """The account that owns the record."""
        ...
    @property
    def kind(self) -> str:
        """What kind of thing it is, `snake_case`."""
        ...
    @property
    def id(self) -> str:
        """Its id within account and kind."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class LaterCount:
    """How many people wait for the same moment."""
    def __new__(cls, until: datetime, people: int) -> LaterCount: ...
    @property
    def until(self) -> datetime:
        """When they are due."""
        ...
    @property
    def people(self) -> int:
        """How many."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class LeftOut:
    """A person who was left out."""
    def __new__(cls, person: str, *, reasons: Sequence[Reason] = ...) -> LeftOut: ...
    @property
    def person(self) -> str:
        """Who."""
        ...
    @property
    def reasons(self) -> list[Reason]:
        """Why, the strongest first."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class LeftOutPage:
    """Some people who were left out and where to go on."""
    def __new__(cls, *, people: Sequence[LeftOut] = ..., next: str | None = None) -> LeftOutPage: ...
    @property
    def people(self) -> list[LeftOut]:
        """The people."""
        ...
    @property
    def next(self) -> str | None:
        """Give it back as `after`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class LegalHold:
    """A legal hold: a dispute or an order that forbids erasing (GDPR 17(3)(e)). It keeps data and allows no use."""
    def __new__(cls, reference: str, *, person: str | None = None, until: datetime | None = None, since: datetime | None = None) -> LegalHold: ...
    @property
    def reference(self) -> str:
        """The case or order."""
        ...
    @property
    def person(self) -> str | None:
        """Whose data; missing: everybody's."""
        ...
    @property
    def until(self) -> datetime | None:
        """When it ends; missing: when it is lifted."""
        ...
    @property
    def since(self) -> datetime | None:
        """Since when."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class LetterSection:
    """A part of a letter."""
    def __new__(cls, item: BreachItem, heading: str, text: str) -> LetterSection: ...
    @property
    def item(self) -> BreachItem:
        """What it says."""
        ...
    @property
    def heading(self) -> str:
        """Its heading."""
        ...
    @property
    def text(self) -> str:
        """Its text."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class LibraryButton:
    """A button of a library template, with examples of what the business gives it."""
    def __new__(cls, kind: str, text: str, *, url: str | None = None, phone_number: str | None = None) -> LibraryButton: ...
    @property
    def kind(self) -> str:
        """`URL`, `PHONE_NUMBER`, `QUICK_REPLY`, `FLOW`, `OTP` and others."""
        ...
    @property
    def text(self) -> str:
        """What it says."""
        ...
    @property
    def url(self) -> str | None:
        """An address, where it opens one."""
        ...
    @property
    def phone_number(self) -> str | None:
        """A number, where it calls one."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class LibraryPage:
    """A page of the library."""
    def __new__(cls, *, templates: Sequence[LibraryTemplate] = ..., next: str | None = None) -> LibraryPage: ...
    @property
    def templates(self) -> list[LibraryTemplate]:
        """The templates."""
        ...
    @property
    def next(self) -> str | None:
        """Where the next page begins; `None` on the last one."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class LibraryQuery:
    """What of the library is looked for; what is left out leaves nothing out."""
    def __new__(cls, *, search: str | None = None, name: str | None = None, topic: str | None = None, use_case: str | None = None, industry: str | None = None, language: str | None = None) -> LibraryQuery: ...
    @property
    def search(self) -> str | None:
        """Words of its name, header, body or footer."""
        ...
    @property
    def name(self) -> str | None:
        """Its name in the library."""
        ...
    @property
    def topic(self) -> str | None:
        """For example `ORDER_MANAGEMENT` or `PAYMENTS`."""
        ...
    @property
    def use_case(self) -> str | None:
        """For example `SHIPMENT_CONFIRMATION` or `PAYMENT_OVERDUE`."""
        ...
    @property
    def industry(self) -> str | None:
        """`E_COMMERCE` or `FINANCIAL_SERVICES`."""
        ...
    @property
    def language(self) -> str | None:
        """For example `en_US`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class LibraryTemplate:
    """
    A template of the library (Meta: Template library). Its words are fixed; what stands in place of the placeholders
    must be of their kind, or the send is refused.
    """
    def __new__(cls, id: str, name: str, language: str, category: str, body: str, *, topic: str | None = None, use_case: str | None = None, industries: Sequence[str] = ..., header: str | None = None, footer: str | None = None, body_examples: Sequence[str] = ..., body_kinds: Sequence[str] = ..., buttons: Sequence[LibraryButton] = ...) -> LibraryTemplate: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def name(self) -> str:
        """Its name in the library."""
        ...
    @property
    def language(self) -> str:
        """Its language."""
        ...
    @property
    def category(self) -> str:
        """`UTILITY` or `AUTHENTICATION`."""
        ...
    @property
    def topic(self) -> str | None:
        """What it is about."""
        ...
    @property
    def use_case(self) -> str | None:
        """What it is for."""
        ...
    @property
    def industries(self) -> list[str]:
        """Whom it is for."""
        ...
    @property
    def header(self) -> str | None:
        """Its header."""
        ...
    @property
    def body(self) -> str:
        """Its body, with placeholders."""
        ...
    @property
    def footer(self) -> str | None:
        """Its footer."""
        ...
    @property
    def body_examples(self) -> list[str]:
        """Examples in place of the body's placeholders."""
        ...
    @property
    def body_kinds(self) -> list[str]:
        """Of what kind they must be: `TEXT`, `AMOUNT`, `DATE`, `ADDRESS`, `NUMBER` and others."""
        ...
    @property
    def buttons(self) -> list[LibraryButton]:
        """Its buttons."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ListRow:
    """A row of a list."""
    def __new__(cls, id: str, title: str, *, description: str | None = None) -> ListRow: ...
    @property
    def id(self) -> str:
        """Comes back when it is chosen; at most 200 characters."""
        ...
    @property
    def title(self) -> str:
        """At most 24 characters."""
        ...
    @property
    def description(self) -> str | None:
        """At most 72 characters."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ListSection:
    """A titled group of rows."""
    def __new__(cls, title: str, *, rows: Sequence[ListRow] = ...) -> ListSection: ...
    @property
    def title(self) -> str:
        """At most 24 characters."""
        ...
    @property
    def rows(self) -> list[ListRow]:
        """At most 10 rows in all sections together."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class MadeFromLibrary:
    """A template that was made from one of the library."""
    def __new__(cls, id: str, status: str, *, template: Template | None = None) -> MadeFromLibrary: ...
    @property
    def id(self) -> str:
        """WhatsApp's id of it."""
        ...
    @property
    def status(self) -> str:
        """Its status: `APPROVED` at once, unless WhatsApp looks at it."""
        ...
    @property
    def template(self) -> Template | None:
        """
        The template as it is kept here and can be sent; `None` where it exists, but could not be read. Then `sync`
        reads it.
        """
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class MarketingMessages:
    """How marketing templates leave by `/marketing_messages`."""
    def __new__(cls, *, strict: bool = False, share_activity: bool = False) -> MarketingMessages: ...
    @property
    def strict(self) -> bool:
        """
        Whether a message is not sent at all where that way cannot send it (`STRICT`); otherwise WhatsApp sends it
        like any other template (`CLOUD_API_FALLBACK`).
        """
        ...
    @property
    def share_activity(self) -> bool:
        """
        Whether Meta may use what people do with the messages to choose its audiences. That shares personal data
        beyond the sending: it needs a ground and a word in the notice, and is off unless it is asked for.
        """
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class MediaFile:
    """A file with its bytes. `Debug` does not show them."""
    def __new__(cls, id: str, mime: str, sha256: str, bytes: bytes) -> MediaFile: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def mime(self) -> str:
        """Its type, for example `image/jpeg`."""
        ...
    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes, in hexadecimal, as WhatsApp said it and as it was found."""
        ...
    @property
    def bytes(self) -> bytes:
        """The bytes."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class MediaInfo:
    """What WhatsApp says of a file (Meta: Media > Retrieve Media URL). `Debug` does not show its address."""
    def __new__(cls, id: str, mime: str, sha256: str, url: str, url_until: datetime, *, size: int | None = None) -> MediaInfo: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def mime(self) -> str:
        """Its type, for example `image/jpeg`."""
        ...
    @property
    def sha256(self) -> str:
        """The SHA-256 of its bytes, in hexadecimal."""
        ...
    @property
    def size(self) -> int | None:
        """How many bytes it has, where WhatsApp says so."""
        ...
    @property
    def url(self) -> str:
        """Where it is. The address wants the access token, so that `download` is the way to the bytes."""
        ...
    @property
    def url_until(self) -> datetime:
        """Until when the address works: five minutes from the question on."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Message:
    """A message and what became of it."""
    def __new__(cls, id: str, person: str, purpose: Purpose, sender: str, state: MessageState, decision: Decision, attempts: int, created_at: datetime, *, campaign: str | None = None, content: Content | None = None, wamid: str | None = None, error_code: int | None = None, due_at: datetime | None = None, sent_at: datetime | None = None, delivered_at: datetime | None = None, read_at: datetime | None = None, failed_at: datetime | None = None) -> Message: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def person(self) -> str:
        """To whom."""
        ...
    @property
    def purpose(self) -> Purpose:
        """Why."""
        ...
    @property
    def sender(self) -> str:
        """The phone number id that sends."""
        ...
    @property
    def campaign(self) -> str | None:
        """The campaign it belongs to."""
        ...
    @property
    def state(self) -> MessageState:
        """Where it stands."""
        ...
    @property
    def decision(self) -> Decision:
        """What the gate said last."""
        ...
    @property
    def content(self) -> Content | None:
        """What it says; `None` once its content was erased or for a person who was left out."""
        ...
    @property
    def attempts(self) -> int:
        """How often a send was tried."""
        ...
    @property
    def wamid(self) -> str | None:
        """WhatsApp's id, once accepted."""
        ...
    @property
    def error_code(self) -> int | None:
        """WhatsApp's error code of a refusal or failure."""
        ...
    @property
    def created_at(self) -> datetime:
        """When it was queued."""
        ...
    @property
    def due_at(self) -> datetime | None:
        """When it is due, while it waits."""
        ...
    @property
    def sent_at(self) -> datetime | None:
        """When WhatsApp sent it on."""
        ...
    @property
    def delivered_at(self) -> datetime | None:
        """When it reached the phone."""
        ...
    @property
    def read_at(self) -> datetime | None:
        """When it was opened."""
        ...
    @property
    def failed_at(self) -> datetime | None:
        """When WhatsApp reported that it failed."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class MessageFacts:
    """What is known of the message."""
    def __new__(cls, *, purpose: Purpose = ..., template: TemplateFacts | None = None, channel: str | None = None, has_opt_out: bool = False, names_sender: bool = False, first_communication: bool = False, presents_right_to_object: bool = False, promotional: bool | None = None, goods: str | None = None, own_similar_goods: bool | None = None, tied_to_transaction: bool = False, age_gated: bool = False, expires_at: datetime | None = None) -> MessageFacts: ...
    @property
    def purpose(self) -> Purpose:
        """Why it is sent: the message's class."""
        ...
    @property
    def template(self) -> TemplateFacts | None:
        """The template, or `None` for a free-form message."""
        ...
    @property
    def channel(self) -> str | None:
        """The channel, `whatsapp` if absent."""
        ...
    @property
    def has_opt_out(self) -> bool:
        """Whether it tells the person how to stop (POPIA s69(4)(b), ePrivacy 13(4))."""
        ...
    @property
    def names_sender(self) -> bool:
        """Whether it names who sends it (POPIA s69(4)(a))."""
        ...
    @property
    def first_communication(self) -> bool:
        """Whether it is the first one to the person. Then the right to object must be presented (GDPR 21(4))."""
        ...
    @property
    def presents_right_to_object(self) -> bool:
        """Whether the right to object is, or was, brought to the person's attention."""
        ...
    @property
    def promotional(self) -> bool | None:
        """Whether it promotes, whatever its class says; absent: not known to."""
        ...
    @property
    def goods(self) -> str | None:
        """What it promotes, in the account's own words."""
        ...
    @property
    def own_similar_goods(self) -> bool | None:
        """
        Whether that is the account's own, and similar to what the person bought (POPIA s69(3)(b)).
        Absent: decided by comparing `goods` with `relationship.goods_sold`.
        """
        ...
    @property
    def tied_to_transaction(self) -> bool:
        """Whether it follows one transaction of the person's, as a request to rate a delivery does."""
        ...
    @property
    def age_gated(self) -> bool:
        """Whether it may only go to people whose age is known."""
        ...
    @property
    def expires_at(self) -> datetime | None:
        """When it becomes void."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class MessagePage:
    """Some messages and where to go on."""
    def __new__(cls, *, messages: Sequence[Message] = ..., next: str | None = None) -> MessagePage: ...
    @property
    def messages(self) -> list[Message]:
        """The messages."""
        ...
    @property
    def next(self) -> str | None:
        """Give it back as `after`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class MessagingFilter:
    """What of the account's messages is counted; what is left out leaves nothing out."""
    def __new__(cls, *, phone_numbers: Sequence[str] = ..., countries: Sequence[str] = ..., messages: Sequence[CountedMessages] = ...) -> MessagingFilter: ...
    @property
    def phone_numbers(self) -> list[str]:
        """The business's numbers in E.164."""
        ...
    @property
    def countries(self) -> list[str]:
        """The countries of people (ISO 3166-1 alpha-2)."""
        ...
    @property
    def messages(self) -> list[CountedMessages]:
        """Which messages."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class MessagingPoint:
    """Messages within a step."""
    def __new__(cls, start: datetime, end: datetime, sent: int, delivered: int) -> MessagingPoint: ...
    @property
    def start(self) -> datetime:
        """When the step begins."""
        ...
    @property
    def end(self) -> datetime:
        """When it ends."""
        ...
    @property
    def sent(self) -> int:
        """How many messages were sent."""
        ...
    @property
    def delivered(self) -> int:
        """How many arrived."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Migrated:
    """What went from one database into another."""
    def __new__(cls, records: int, fingerprint: str, *, kinds: dict[str, int] = ...) -> Migrated: ...
    @property
    def records(self) -> int:
        """Records, of all accounts."""
        ...
    @property
    def kinds(self) -> dict[str, int]:
        """Records by kind."""
        ...
    @property
    def fingerprint(self) -> str:
        """A fingerprint of all of them: equal on both sides, or nothing would have been reported."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class MigratedFlow:
    """A flow that was copied."""
    def __new__(cls, name: str, source_id: str, id: str) -> MigratedFlow: ...
    @property
    def name(self) -> str:
        """Its name, in both accounts."""
        ...
    @property
    def source_id(self) -> str:
        """Its id in the account that it was copied out of."""
        ...
    @property
    def id(self) -> str:
        """Its id in this account."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class MissingContent:
    """Something that a notice has to say and does not."""
    def __new__(cls, field: str, provision: str, text: str) -> MissingContent: ...
    @property
    def field(self) -> str:
        """The field of `NoticeContents`."""
        ...
    @property
    def provision(self) -> str:
        """What demands it."""
        ...
    @property
    def text(self) -> str:
        """What is missing, in plain words."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NewBreachNotice:
    """A letter that went out, to enter."""
    def __new__(cls, to: BreachAudience, channel: BreachChannel, phase: BreachPhase, sent_at: datetime, proof: str, *, language: str | None = None) -> NewBreachNotice: ...
    @property
    def to(self) -> BreachAudience:
        """To whom."""
        ...
    @property
    def channel(self) -> BreachChannel:
        """By what way. A letter that went in two ways is two notices."""
        ...
    @property
    def phase(self) -> BreachPhase:
        """Which of several, as the letter says."""
        ...
    @property
    def language(self) -> str | None:
        """In which language, as the letter says."""
        ...
    @property
    def sent_at(self) -> datetime:
        """When."""
        ...
    @property
    def proof(self) -> str:
        """How it is proved, for example the portal's reference or where the copy is."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NewContact:
    """A contact to create or to bring up to date."""
    def __new__(cls, *, phone: str | None = None, bsuid: str | None = None, name: str | None = None, language: str | None = None, zone: str | None = None, country: str | None = None, attributes: dict[str, str] = ..., provenance: Provenance | None = None) -> NewContact: ...
    @property
    def phone(self) -> str | None:
        """The phone number, written in any way."""
        ...
    @property
    def bsuid(self) -> str | None:
        """The business-scoped user id."""
        ...
    @property
    def name(self) -> str | None:
        """How to address the person."""
        ...
    @property
    def language(self) -> str | None:
        """BCP 47, for example `en-ZA`."""
        ...
    @property
    def zone(self) -> str | None:
        """IANA, for example `Africa/Johannesburg`; by default what the country implies."""
        ...
    @property
    def country(self) -> str | None:
        """ISO 3166-1 alpha-2; by default the phone number's."""
        ...
    @property
    def attributes(self) -> dict[str, str]:
        """Anything else the host's messages need."""
        ...
    @property
    def provenance(self) -> Provenance | None:
        """Where the data comes from. Without it marketing stays unknown, and unknown is denied."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NewDisclosure:
    """A disclosure to enter. What may not be disclosed cannot be entered."""
    def __new__(cls, recipient: str, facts: SharingFacts, *, categories: Sequence[str] = ..., person: str | None = None, at: datetime | None = None, count: int | None = None) -> NewDisclosure: ...
    @property
    def recipient(self) -> str:
        """Who got the data, by name."""
        ...
    @property
    def facts(self) -> SharingFacts:
        """What is known of the disclosure: the class of recipient, the purpose, the basis."""
        ...
    @property
    def categories(self) -> list[str]:
        """Which kinds of data, for example `contact`, `message_content`."""
        ...
    @property
    def person(self) -> str | None:
        """Whose; missing: those of many, as with a service provider."""
        ...
    @property
    def at(self) -> datetime | None:
        """When; now, if missing."""
        ...
    @property
    def count(self) -> int | None:
        """How many disclosures it stands for; one, if missing."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NewFlow:
    """A flow to make. It begins as a draft."""
    def __new__(cls, name: str, *, categories: Sequence[str] = ..., flow_json: str | None = None, clone_of: str | None = None, endpoint: str | None = None) -> NewFlow: ...
    @property
    def name(self) -> str:
        """Its name, unlike that of every other flow of the account."""
        ...
    @property
    def categories(self) -> list[str]:
        """
        At least one of `SIGN_UP`, `SIGN_IN`, `APPOINTMENT_BOOKING`, `LEAD_GENERATION`, `CONTACT_US`,
        `CUSTOMER_SUPPORT`, `SURVEY` and `OTHER`.
        """
        ...
    @property
    def flow_json(self) -> str | None:
        """Its file, as JSON text."""
        ...
    @property
    def clone_of(self) -> str | None:
        """The flow whose file it begins with instead."""
        ...
    @property
    def endpoint(self) -> str | None:
        """Where its data comes from, `https://...`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NewFromLibrary:
    """A template to be made from one of the library."""
    def __new__(cls, name: str, language: str, category: TemplateCategory, library_name: str, *, buttons: Sequence[LibraryButtonInput] = ..., contact_number: bool = False, learn_more_link: bool = False, track_package_link: bool = False, password: PasswordSettings | None = None) -> NewFromLibrary: ...
    @property
    def name(self) -> str:
        """The name that it gets: `[a-z0-9_]`, at most 512 characters."""
        ...
    @property
    def language(self) -> str:
        """The language."""
        ...
    @property
    def category(self) -> TemplateCategory:
        """Utility or authentication."""
        ...
    @property
    def library_name(self) -> str:
        """Its name in the library."""
        ...
    @property
    def buttons(self) -> list[LibraryButtonInput]:
        """What its buttons are given, in their order; needed where it has buttons that open or call."""
        ...
    @property
    def contact_number(self) -> bool:
        """Whether it says at which number the business can be asked."""
        ...
    @property
    def learn_more_link(self) -> bool:
        """Whether it says where more can be read. Not every account has that."""
        ...
    @property
    def track_package_link(self) -> bool:
        """Whether it says where a parcel is. Not every account has that."""
        ...
    @property
    def password(self) -> PasswordSettings | None:
        """What an authentication template says and does besides; copying, if missing."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NewGroup:
    """A group to make."""
    def __new__(cls, subject: str, *, description: str | None = None, approve_joins: bool = False) -> NewGroup: ...
    @property
    def subject(self) -> str:
        """What it is called, 128 characters at most."""
        ...
    @property
    def description(self) -> str | None:
        """What it is for, 2,048 characters at most."""
        ...
    @property
    def approve_joins(self) -> bool:
        """Whether people who follow the link wait for the business's yes."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NewNotice:
    """A privacy notice to publish."""
    def __new__(cls, language: str, title: str, text: str, summary: str, *, effective_from: datetime | None = None, contents: NoticeContents = ..., material: bool = False) -> NewNotice: ...
    @property
    def language(self) -> str:
        """BCP 47."""
        ...
    @property
    def title(self) -> str:
        """Its title."""
        ...
    @property
    def text(self) -> str:
        """Its whole text."""
        ...
    @property
    def summary(self) -> str:
        """What changed since the version before, in plain words; empty for the first."""
        ...
    @property
    def effective_from(self) -> datetime | None:
        """From when it holds; now, if missing."""
        ...
    @property
    def contents(self) -> NoticeContents:
        """
        What the text says, by the lists of POPIA s18 and GDPR 13 and 14: with something missing, the notice is
        not published.
        """
        ...
    @property
    def material(self) -> bool:
        """
        Whether people who consented under an older version must be asked again. A new purpose, basis, recipient,
        country or kind of information makes a version material whatever is said here.
        """
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NewPhoneNumber:
    """A number that is to be added to the account."""
    def __new__(cls, country_code: str, phone_number: str, verified_name: str) -> NewPhoneNumber: ...
    @property
    def country_code(self) -> str:
        """The country's calling code: one to three digits, such as `27`."""
        ...
    @property
    def phone_number(self) -> str:
        """The number behind it: digits, which may be grouped by spaces, dots, dashes and brackets."""
        ...
    @property
    def verified_name(self) -> str:
        """The business's name on it, which WhatsApp reviews: 2 to 75 characters."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NewSignup:
    """A sign-up to make."""
    def __new__(cls, message: str, confirmation_message: str, privacy_policy_url: str, *, website_url: str | None = None, promo_code: str | None = None, display_name: str | None = None, accept_terms: bool = False) -> NewSignup: ...
    @property
    def message(self) -> str:
        """What people read before they subscribe: 1 to 300 characters. It names the business and says what they will get."""
        ...
    @property
    def confirmation_message(self) -> str:
        """What WhatsApp sends them when they have: 1 to 300 characters. `{{promo_code}}` in it becomes the `promo_code`."""
        ...
    @property
    def privacy_policy_url(self) -> str:
        """Where the business's privacy policy is, an `https://` or `http://` address. It can never be changed."""
        ...
    @property
    def website_url(self) -> str | None:
        """Where the business's site is, an `https://` address."""
        ...
    @property
    def promo_code(self) -> str | None:
        """What stands in place of `{{promo_code}}`: 1 to 50 letters and digits."""
        ...
    @property
    def display_name(self) -> str | None:
        """What the business calls it: 1 to 256 characters. People do not see it."""
        ...
    @property
    def accept_terms(self) -> bool:
        """
        Accepts Meta's terms for marketing messages in the business's name. That is a legal act: set it for the first
        sign-up of a business, by somebody who may decide it, and never again.
        """
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NewTransfer:
    """A transfer to enter. What rests on nothing that holds today cannot be entered."""
    def __new__(cls, recipient: str, facts: TransferFacts, *, categories: Sequence[str] = ..., assessment: str | None = None, review_by: datetime | None = None) -> NewTransfer: ...
    @property
    def recipient(self) -> str:
        """Who gets the data there."""
        ...
    @property
    def facts(self) -> TransferFacts:
        """What is known of it."""
        ...
    @property
    def categories(self) -> list[str]:
        """Which kinds of data."""
        ...
    @property
    def assessment(self) -> str | None:
        """Where the assessment of the country's law is kept."""
        ...
    @property
    def review_by(self) -> datetime | None:
        """When it wants to be looked at again."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Notice:
    """A published privacy notice. Never changed; a new version takes its place."""
    def __new__(cls, id: str, version: int, language: str, title: str, text: str, summary: str, effective_from: datetime, sha256: str, published_at: datetime, *, contents: NoticeContents = ..., material: bool = False, changes: Sequence[str] = ...) -> Notice: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def version(self) -> int:
        """1, 2, ... for each language."""
        ...
    @property
    def language(self) -> str:
        """BCP 47."""
        ...
    @property
    def title(self) -> str:
        """Its title."""
        ...
    @property
    def text(self) -> str:
        """Its whole text."""
        ...
    @property
    def summary(self) -> str:
        """What changed."""
        ...
    @property
    def effective_from(self) -> datetime:
        """From when it holds."""
        ...
    @property
    def sha256(self) -> str:
        """SHA-256 of language, title and text, hexadecimal."""
        ...
    @property
    def published_at(self) -> datetime:
        """When it was published."""
        ...
    @property
    def contents(self) -> NoticeContents:
        """What it says."""
        ...
    @property
    def material(self) -> bool:
        """Whether people who consented under an older version must be asked again."""
        ...
    @property
    def changes(self) -> list[str]:
        """What changed since the version before, item by item."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NoticeContents:
    """What a privacy notice says. Everything left out is not said."""
    def __new__(cls, *, regimes: Sequence[Regime] = ..., categories: Sequence[str] = ..., from_others: bool = False, source: str | None = None, controller: str | None = None, address: str | None = None, contact: str | None = None, officer: str | None = None, purposes: Sequence[NoticePurpose] = ..., mandatory: bool | None = None, consequences: str | None = None, law: str | None = None, recipients: Sequence[str] = ..., transferred: bool | None = None, transfers: Sequence[NoticeTransfer] = ..., retention: str | None = None, rights: Sequence[NoticeRight] = ..., authority: str | None = None, automated_decisions: bool | None = None, automated_logic: str | None = None) -> NoticeContents: ...
    @property
    def regimes(self) -> list[Regime]:
        """The laws it must satisfy; empty: POPIA and GDPR."""
        ...
    @property
    def categories(self) -> list[str]:
        """What is collected, by category (POPIA s18(1)(a), GDPR 14(1)(d))."""
        ...
    @property
    def from_others(self) -> bool:
        """Whether some of it comes from others than the person."""
        ...
    @property
    def source(self) -> str | None:
        """From whom, then (POPIA s18(1)(a), GDPR 14(2)(f))."""
        ...
    @property
    def controller(self) -> str | None:
        """The responsible party's name (POPIA s18(1)(b), GDPR 13(1)(a))."""
        ...
    @property
    def address(self) -> str | None:
        """Its address (POPIA s18(1)(b))."""
        ...
    @property
    def contact(self) -> str | None:
        """How to reach it (GDPR 13(1)(a))."""
        ...
    @property
    def officer(self) -> str | None:
        """The information officer, or the data protection officer, and how to reach them (GDPR 13(1)(b))."""
        ...
    @property
    def purposes(self) -> list[NoticePurpose]:
        """Why the data are used, and on what basis (POPIA s18(1)(c), GDPR 13(1)(c))."""
        ...
    @property
    def mandatory(self) -> bool | None:
        """Whether giving them is mandatory (POPIA s18(1)(d), GDPR 13(2)(e))."""
        ...
    @property
    def consequences(self) -> str | None:
        """What follows from not giving them (POPIA s18(1)(e), GDPR 13(2)(e))."""
        ...
    @property
    def law(self) -> str | None:
        """The law that requires them, where giving them is mandatory (POPIA s18(1)(f))."""
        ...
    @property
    def recipients(self) -> list[str]:
        """Who gets them (POPIA s18(1)(h)(i), GDPR 13(1)(e))."""
        ...
    @property
    def transferred(self) -> bool | None:
        """Whether they go to another country (POPIA s18(1)(g), GDPR 13(1)(f))."""
        ...
    @property
    def transfers(self) -> list[NoticeTransfer]:
        """Where to, then, and how they are protected there."""
        ...
    @property
    def retention(self) -> str | None:
        """How long they are kept, or by what that is decided (GDPR 13(2)(a))."""
        ...
    @property
    def rights(self) -> list[NoticeRight]:
        """The rights it tells of (POPIA s18(1)(h)(iii)-(v), GDPR 13(2)(b)-(d))."""
        ...
    @property
    def authority(self) -> str | None:
        """The authority, and how to reach it (POPIA s18(1)(h)(v), GDPR 13(2)(d))."""
        ...
    @property
    def automated_decisions(self) -> bool | None:
        """Whether decisions with legal or similar effect are made by machine alone (POPIA s71, GDPR 13(2)(f))."""
        ...
    @property
    def automated_logic(self) -> str | None:
        """How they are made and what they mean, then."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NoticePurpose:
    """A purpose as a notice names it."""
    def __new__(cls, code: str, basis: LegalBasis, *, interest: str | None = None) -> NoticePurpose: ...
    @property
    def code(self) -> str:
        """Its code in the closed list, for example `comms.marketing`."""
        ...
    @property
    def basis(self) -> LegalBasis:
        """On what it rests."""
        ...
    @property
    def interest(self) -> str | None:
        """The interest, where it rests on a legitimate one (GDPR 13(1)(d))."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NoticeReport:
    """Whether a notice says all that it has to."""
    def __new__(cls, *, complete: bool = False, missing: Sequence[MissingContent] = ...) -> NoticeReport: ...
    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        ...
    @property
    def missing(self) -> list[MissingContent]:
        """What is, in the order of the fields."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NoticeTransfer:
    """A transfer to another country as a notice names it."""
    def __new__(cls, country: str, safeguards: str) -> NoticeTransfer: ...
    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-2."""
        ...
    @property
    def safeguards(self) -> str:
        """The level of protection there, and how to get a copy of the safeguards."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Number:
    """A WhatsApp number that sends."""
    def __new__(cls, id: str, *, per_second: int | None = None, marketing: MarketingMessages | None = None) -> Number: ...
    @property
    def id(self) -> str:
        """Meta's phone number id."""
        ...
    @property
    def per_second(self) -> int | None:
        """Messages per second, in and out together; 80 unless WhatsApp has upgraded the number."""
        ...
    @property
    def marketing(self) -> MarketingMessages | None:
        """
        That the number was onboarded for WhatsApp's marketing messages: then marketing templates leave by
        `/marketing_messages`. `None`: everything leaves by `/messages`.
        """
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NumberHealth:
    """How a number stands with WhatsApp."""
    def __new__(cls, id: str, per_second: int, lane: str, *, display: str | None = None, quality: str | None = None, throughput: str | None = None, status: str | None = None, code: int | None = None, stopped_by: Sequence[Reason] = ...) -> NumberHealth: ...
    @property
    def id(self) -> str:
        """The phone number id."""
        ...
    @property
    def display(self) -> str | None:
        """The number as people see it, in digits, once WhatsApp has told it."""
        ...
    @property
    def quality(self) -> str | None:
        """
        How people take its messages: `GREEN`, `YELLOW`, `RED`, `NA` or `UNKNOWN`; `None` before WhatsApp has told it.
        Yellow halves its speed; red stops marketing too.
        """
        ...
    @property
    def throughput(self) -> str | None:
        """`STANDARD` (80 messages a second, in and out together), `HIGH` (1,000) or `NOT_APPLICABLE`."""
        ...
    @property
    def status(self) -> str | None:
        """`CONNECTED`, `FLAGGED`, `RESTRICTED`, `BANNED`, ..."""
        ...
    @property
    def per_second(self) -> int:
        """Messages a second that it sends at most now."""
        ...
    @property
    def lane(self) -> str:
        """What its lane does: `sending`, `paused`, `stopped` or `closed` (a restored copy)."""
        ...
    @property
    def code(self) -> int | None:
        """The error code that stopped it, or with which WhatsApp would refuse what it sent."""
        ...
    @property
    def stopped_by(self) -> list[Reason]:
        """Why marketing by it, or everything, waits."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class NumberPage:
    """A page of the account's numbers."""
    def __new__(cls, *, numbers: Sequence[PhoneNumber] = ..., next: str | None = None) -> NumberPage: ...
    @property
    def numbers(self) -> list[PhoneNumber]:
        """The numbers."""
        ...
    @property
    def next(self) -> str | None:
        """Where the next page begins; `None` on the last one."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ObjectionFacts:
    """An objection that stands."""
    def __new__(cls, *, scope: ObjectionScope = ..., compelling_grounds: bool = False) -> ObjectionFacts: ...
    @property
    def scope(self) -> ObjectionScope:
        """To what."""
        ...
    @property
    def compelling_grounds(self) -> bool:
        """
        Whether compelling grounds against it are on record (GDPR 21(1)). POPIA knows none (s11(4)), and
        nothing stands against an objection to direct marketing (GDPR 21(3)).
        """
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class OfferDefinition:
    """A limited-time offer."""
    def __new__(cls, text: str, *, expires: bool = False) -> OfferDefinition: ...
    @property
    def text(self) -> str:
        """What is offered; at most 16 characters."""
        ...
    @property
    def expires(self) -> bool:
        """Whether the phone counts down; then every send says when the offer ends."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Order:
    """An order that is to be reviewed and paid."""
    def __new__(cls, reference: str, kind: OrderKind, currency: str, subtotal: Amount, tax: Amount, total: Amount, *, items: Sequence[OrderItem] = ..., shipping: Amount | None = None, discount: Amount | None = None, payment: Sequence[PaymentMethod] = ..., catalog_id: str | None = None, payable_until: datetime | None = None) -> Order: ...
    @property
    def reference(self) -> str:
        """The account's own name for the order: 1 to 35 of letters, digits, `-`, `_` and `.`. Once per order."""
        ...
    @property
    def kind(self) -> OrderKind:
        """Whether something is delivered."""
        ...
    @property
    def currency(self) -> str:
        """The currency, three letters (ISO 4217)."""
        ...
    @property
    def items(self) -> list[OrderItem]:
        """What is ordered."""
        ...
    @property
    def subtotal(self) -> Amount:
        """What the items come to."""
        ...
    @property
    def tax(self) -> Amount:
        """The tax."""
        ...
    @property
    def shipping(self) -> Amount | None:
        """What the delivery costs."""
        ...
    @property
    def discount(self) -> Amount | None:
        """What is taken off."""
        ...
    @property
    def total(self) -> Amount:
        """What is to be paid: subtotal, tax and shipping without the discount."""
        ...
    @property
    def payment(self) -> list[PaymentMethod]:
        """How it can be paid."""
        ...
    @property
    def catalog_id(self) -> str | None:
        """The catalog that the items are from."""
        ...
    @property
    def payable_until(self) -> datetime | None:
        """Until when it can be paid."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class OrderItem:
    """A line of an order."""
    def __new__(cls, product_id: str, name: str, quantity: int, price: Amount, *, sale_price: Amount | None = None) -> OrderItem: ...
    @property
    def product_id(self) -> str:
        """The product's id, in the catalog where the order names one."""
        ...
    @property
    def name(self) -> str:
        """What it is called; at most 60 characters."""
        ...
    @property
    def quantity(self) -> int:
        """How many."""
        ...
    @property
    def price(self) -> Amount:
        """The price of one."""
        ...
    @property
    def sale_price(self) -> Amount | None:
        """The reduced price of one, less than the price."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Outgoing:
    """A message that the gate has let through. `Debug` shows neither to whom nor what."""
    def __new__(cls, sender: str, to: Address, content: Content, echo: str, route: Route, *, reply_to: str | None = None, identity_hash: str | None = None) -> Outgoing: ...
    @property
    def sender(self) -> str:
        """The phone number id that sends."""
        ...
    @property
    def to(self) -> Address:
        """To whom."""
        ...
    @property
    def content(self) -> Content:
        """What."""
        ...
    @property
    def reply_to(self) -> str | None:
        """WhatsApp's id of the message that this one answers."""
        ...
    @property
    def identity_hash(self) -> str | None:
        """The hash that the recipient's identity key must have."""
        ...
    @property
    def echo(self) -> str:
        """Comes back in every status of this message. At most 512 characters, no personal data."""
        ...
    @property
    def route(self) -> Route:
        """By which way."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Page:
    """Some records and where to go on."""
    def __new__(cls, *, records: Sequence[Record] = ..., next: str | None = None) -> Page: ...
    @property
    def records(self) -> list[Record]:
        """The records."""
        ...
    @property
    def next(self) -> str | None:
        """The cursor for the next page, if there is one. Opaque."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Parameter:
    """A value for a template's placeholder."""
    def __new__(cls, name: str, text: str, *, format: ParameterFormat | None = None) -> Parameter: ...
    @property
    def name(self) -> str:
        """The placeholder's name; empty for numbered placeholders, which are filled in order."""
        ...
    @property
    def text(self) -> str:
        """The text: at most 1,024 characters, or 32,768 where it is the only value."""
        ...
    @property
    def format(self) -> ParameterFormat | None:
        """How it is written; `None` is as it stands."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Parsed:
    """Everything inside a webhook's body."""
    def __new__(cls, *, updates: Sequence[Update] = ...) -> Parsed: ...
    @property
    def updates(self) -> list[Update]:
        """The updates in the order of the body."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class PartnerInfo:
    """Whom an event about partners concerns."""
    def __new__(cls, *, account: str | None = None, owner: str | None = None, app: str | None = None, ad_account: str | None = None, solution: str | None = None, partners: Sequence[str] = ..., reason: str | None = None, initiated_by: str | None = None) -> PartnerInfo: ...
    @property
    def account(self) -> str | None:
        """The business account."""
        ...
    @property
    def owner(self) -> str | None:
        """The portfolio that owns it."""
        ...
    @property
    def app(self) -> str | None:
        """The partner's app."""
        ...
    @property
    def ad_account(self) -> str | None:
        """The ad account that was shared."""
        ...
    @property
    def solution(self) -> str | None:
        """The solution of several partners."""
        ...
    @property
    def partners(self) -> list[str]:
        """The partners' portfolios."""
        ...
    @property
    def reason(self) -> str | None:
        """Why the app was disconnected, for example `PRIMARY_INACTIVITY`."""
        ...
    @property
    def initiated_by(self) -> str | None:
        """Who did it: `SYSTEM` or `USER`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class PasswordApp:
    """An Android app that may be handed a one-time password."""
    def __new__(cls, package_name: str, signature_hash: str) -> PasswordApp: ...
    @property
    def package_name(self) -> str:
        """Its package, for example `com.example.shop`."""
        ...
    @property
    def signature_hash(self) -> str:
        """The hash of its signing key: 11 characters."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class PasswordSettings:
    """What an authentication template says and does beside the words that WhatsApp chooses."""
    def __new__(cls, *, way: PasswordWay = ..., apps: Sequence[PasswordApp] = ..., zero_tap_terms_accepted: bool = False, security_recommendation: bool = False, expires_minutes: int | None = None) -> PasswordSettings: ...
    @property
    def way(self) -> PasswordWay:
        """How the password reaches the app."""
        ...
    @property
    def apps(self) -> list[PasswordApp]:
        """The apps that may be handed it: one to five; none for copying."""
        ...
    @property
    def zero_tap_terms_accepted(self) -> bool:
        """That the business accepts Meta's terms for handing it over without a tap. A legal act: conek does not assume it."""
        ...
    @property
    def security_recommendation(self) -> bool:
        """Whether it says that the code is not to be passed on."""
        ...
    @property
    def expires_minutes(self) -> int | None:
        """After how many minutes the code no longer works: 1 to 90. The footer says it."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Patch:
    """A change to a record that leaves most of it as it is."""
    def __new__(cls, key: Key, version: int, state: str, *, queue: str | None = None, due_at: datetime | None = None, clear: str | None = None, sealed: bytes | None = None, tokens: Sequence[Token] | None = None) -> Patch: ...
    @property
    def key(self) -> Key:
        """Which record."""
        ...
    @property
    def version(self) -> int:
        """The version it must have."""
        ...
    @property
    def state(self) -> str:
        """Its new state."""
        ...
    @property
    def queue(self) -> str | None:
        """Its new queue, or none."""
        ...
    @property
    def due_at(self) -> datetime | None:
        """Its new due time, or none."""
        ...
    @property
    def clear(self) -> str | None:
        """New clear fields; `None` keeps them."""
        ...
    @property
    def sealed(self) -> bytes | None:
        """New sealed bytes; `None` keeps them."""
        ...
    @property
    def tokens(self) -> list[Token] | None:
        """New tokens in place of all present ones; `None` keeps them."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class PersonFacts:
    """What is known of the person."""
    def __new__(cls, *, id: str | None = None, country: str | None = None, zone: str | None = None, us_number: bool = False, juristic: bool = False, over_cpa_threshold: bool = False, age: int | None = None, reported_child: bool = False, guardian_consented: bool = False, restricted: bool = False, erased: bool = False, suppressed: bool = False, suppressed_for_all: bool = False, objections: Sequence[ObjectionFacts] = ..., desist_demanded: bool = False, platform_stop: bool = False, awaiting_clarification: bool = False, number_reassigned_at: datetime | None = None, last_inbound_at: datetime | None = None, consent_requests: int | None = None) -> PersonFacts: ...
    @property
    def id(self) -> str | None:
        """Who, by id. No rule of conek's looks at it; a host's may."""
        ...
    @property
    def country(self) -> str | None:
        """Country, ISO 3166-1 alpha-2. Unknown: the rules of all regimes apply together."""
        ...
    @property
    def zone(self) -> str | None:
        """IANA zone. For a person in South Africa it may be absent: the country has one."""
        ...
    @property
    def us_number(self) -> bool:
        """Whether the number is a United States number."""
        ...
    @property
    def juristic(self) -> bool:
        """Whether it is a juristic person. POPIA protects them like natural ones (s1)."""
        ...
    @property
    def over_cpa_threshold(self) -> bool:
        """
        Whether a juristic person's assets or turnover reach R2 million: the Consumer Protection
        Act does not protect those (s5(2)(b)).
        """
        ...
    @property
    def age(self) -> int | None:
        """Age in years; absent: unknown, which is not "a child"."""
        ...
    @property
    def reported_child(self) -> bool:
        """Whether a guardian reported the person to be a child."""
        ...
    @property
    def guardian_consented(self) -> bool:
        """Whether a competent person or holder of parental responsibility consented (POPIA s35(1)(a), GDPR 8(1))."""
        ...
    @property
    def restricted(self) -> bool:
        """Whether processing is restricted (POPIA s14(6), GDPR 18)."""
        ...
    @property
    def erased(self) -> bool:
        """Whether the person was erased."""
        ...
    @property
    def suppressed(self) -> bool:
        """Whether the address is on the suppression list for marketing."""
        ...
    @property
    def suppressed_for_all(self) -> bool:
        """Whether the address is on the suppression list for everything."""
        ...
    @property
    def objections(self) -> list[ObjectionFacts]:
        """What the person objected to."""
        ...
    @property
    def desist_demanded(self) -> bool:
        """Whether the person demanded an end to direct marketing or blocked it in advance (CPA s11(2))."""
        ...
    @property
    def platform_stop(self) -> bool:
        """Whether the person stopped marketing within WhatsApp."""
        ...
    @property
    def awaiting_clarification(self) -> bool:
        """Whether the person said something that may have meant stop, and has not been understood yet."""
        ...
    @property
    def number_reassigned_at(self) -> datetime | None:
        """When the number was found to belong to somebody else than the one who consented."""
        ...
    @property
    def last_inbound_at(self) -> datetime | None:
        """When the person last wrote to the sending number."""
        ...
    @property
    def consent_requests(self) -> int | None:
        """How often this responsible party has asked the person for consent."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class PhoneNumber:
    """
    A phone number as WhatsApp knows it (Meta: WhatsApp Business Account Phone Number). What an answer left out is
    `None`; words that WhatsApp adds later come as they are.
    """
    def __new__(cls, id: str, display_phone_number: str, *, verified_name: str | None = None, status: str | None = None, quality: str | None = None, throughput: str | None = None, messaging_limit: str | None = None, code_verification: str | None = None, name_status: str | None = None, new_name_status: str | None = None, platform: str | None = None, account_mode: str | None = None, pin_enabled: bool | None = None, official: bool | None = None) -> PhoneNumber: ...
    @property
    def id(self) -> str:
        """Its id, by which everything else names it."""
        ...
    @property
    def display_phone_number(self) -> str:
        """The number as people see it."""
        ...
    @property
    def verified_name(self) -> str | None:
        """The business's name on it, once it is approved."""
        ...
    @property
    def status(self) -> str | None:
        """
        `PENDING` before its first registration, `CONNECTED` while it is registered, `DISCONNECTED` after it; also
        `FLAGGED`, `RESTRICTED`, `BANNED` and others.
        """
        ...
    @property
    def quality(self) -> str | None:
        """How people take its messages: `GREEN`, `YELLOW`, `RED`, `NA` or `UNKNOWN`."""
        ...
    @property
    def throughput(self) -> str | None:
        """`STANDARD` (80 messages a second, in and out together), `HIGH` (1,000) or `NOT_APPLICABLE`."""
        ...
    @property
    def messaging_limit(self) -> str | None:
        """How many people the whole business may write to first within 24 hours, for example `TIER_250`."""
        ...
    @property
    def code_verification(self) -> str | None:
        """Whether it was proved by a code that it is the business's: `VERIFIED`, `NOT_VERIFIED` or `EXPIRED`."""
        ...
    @property
    def name_status(self) -> str | None:
        """
        What became of its name: `APPROVED`, `AVAILABLE_WITHOUT_REVIEW`, `DECLINED`, `EXPIRED`, `PENDING_REVIEW` or
        `NONE`.
        """
        ...
    @property
    def new_name_status(self) -> str | None:
        """The same of a name that was asked for meanwhile."""
        ...
    @property
    def platform(self) -> str | None:
        """Where it works: `CLOUD_API`, `ON_PREMISE` or `NOT_APPLICABLE`."""
        ...
    @property
    def account_mode(self) -> str | None:
        """`LIVE`, or `SANDBOX` for a test number."""
        ...
    @property
    def pin_enabled(self) -> bool | None:
        """Whether a two-step PIN is set."""
        ...
    @property
    def official(self) -> bool | None:
        """Whether it has the mark of an official business."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Place:
    """A place on the map."""
    def __new__(cls, latitude: float, longitude: float, *, name: str | None = None, address: str | None = None) -> Place: ...
    @property
    def latitude(self) -> float:
        """Degrees north, from -90 to 90."""
        ...
    @property
    def longitude(self) -> float:
        """Degrees east, from -180 to 180."""
        ...
    @property
    def name(self) -> str | None:
        """What it is called; at most 1,024 characters."""
        ...
    @property
    def address(self) -> str | None:
        """Its address, which is shown under its name only; at most 1,024 characters."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class PolicyCase:
    """One question to a policy: these facts, at this moment."""
    def __new__(cls, at: datetime, facts: Facts) -> PolicyCase: ...
    @property
    def at(self) -> datetime:
        """The moment for which is decided."""
        ...
    @property
    def facts(self) -> Facts:
        """Everything else that the decision rests on."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class PricingFilter:
    """Which charges are counted and by what they are told apart; what is left out leaves nothing out."""
    def __new__(cls, *, phone_numbers: Sequence[str] = ..., countries: Sequence[str] = ..., categories: Sequence[str] = ..., kinds: Sequence[str] = ..., dimensions: Sequence[PricingDimension] = ...) -> PricingFilter: ...
    @property
    def phone_numbers(self) -> list[str]:
        """The business's numbers in E.164."""
        ...
    @property
    def countries(self) -> list[str]:
        """The countries of people (ISO 3166-1 alpha-2)."""
        ...
    @property
    def categories(self) -> list[str]:
        """Of `AUTHENTICATION`, `AUTHENTICATION_INTERNATIONAL`, `MARKETING`, `SERVICE`, `UTILITY` and others."""
        ...
    @property
    def kinds(self) -> list[str]:
        """Of `FREE_CUSTOMER_SERVICE`, `FREE_ENTRY_POINT` and `REGULAR`."""
        ...
    @property
    def dimensions(self) -> list[PricingDimension]:
        """By what they are told apart. Without any there is one point for each step."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class PricingPoint:
    """Delivered messages within a step and what they cost. What they are told apart by is there where it was asked for."""
    def __new__(cls, start: datetime, end: datetime, volume: int, *, cost: float | None = None, category: str | None = None, kind: str | None = None, country: str | None = None, phone_number: str | None = None, tier: str | None = None) -> PricingPoint: ...
    @property
    def start(self) -> datetime:
        """When the step begins."""
        ...
    @property
    def end(self) -> datetime:
        """When it ends."""
        ...
    @property
    def volume(self) -> int:
        """How many messages arrived."""
        ...
    @property
    def cost(self) -> float | None:
        """About what they cost, in the account's currency; `None` for an account that pays through a partner."""
        ...
    @property
    def category(self) -> str | None:
        """At whose rate."""
        ...
    @property
    def kind(self) -> str | None:
        """Whether they are charged."""
        ...
    @property
    def country(self) -> str | None:
        """The country of the people."""
        ...
    @property
    def phone_number(self) -> str | None:
        """The number of the business, in digits."""
        ...
    @property
    def tier(self) -> str | None:
        """The step of volume prices, from and to and both within: `0:750000`, `0:MAX`. Free messages have none."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ProcessingActivity:
    """What is processed for one purpose."""
    def __new__(cls, purpose: str, retention: str, *, bases: Sequence[LegalBasis] = ..., data_subjects: Sequence[str] = ..., categories: Sequence[str] = ..., recipients: Sequence[str] = ..., transfers: Sequence[str] = ...) -> ProcessingActivity: ...
    @property
    def purpose(self) -> str:
        """The purpose's code."""
        ...
    @property
    def bases(self) -> list[LegalBasis]:
        """The bases that the notices in force name for it."""
        ...
    @property
    def data_subjects(self) -> list[str]:
        """Which kinds of data subjects."""
        ...
    @property
    def categories(self) -> list[str]:
        """Which kinds of data."""
        ...
    @property
    def recipients(self) -> list[str]:
        """Who gets them."""
        ...
    @property
    def transfers(self) -> list[str]:
        """Other countries they go to, with what that rests on."""
        ...
    @property
    def retention(self) -> str:
        """When they are erased."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ProcessingRecord:
    """The record of processing activities."""
    def __new__(cls, controller: str, contact: str, made_at: datetime, *, officer: str | None = None, activities: Sequence[ProcessingActivity] = ..., security: Sequence[str] = ...) -> ProcessingRecord: ...
    @property
    def controller(self) -> str:
        """The controller, or responsible party."""
        ...
    @property
    def contact(self) -> str:
        """How to reach it."""
        ...
    @property
    def officer(self) -> str | None:
        """The data protection officer or information officer, as the notices name them."""
        ...
    @property
    def activities(self) -> list[ProcessingActivity]:
        """What is processed, by purpose."""
        ...
    @property
    def security(self) -> list[str]:
        """The measures of security (GDPR 32(1), POPIA s19)."""
        ...
    @property
    def made_at(self) -> datetime:
        """When it was made."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ProductSection:
    """A titled group of products."""
    def __new__(cls, title: str, *, products: Sequence[str] = ...) -> ProductSection: ...
    @property
    def title(self) -> str:
        """At most 24 characters; may be empty where there is one section only."""
        ...
    @property
    def products(self) -> list[str]:
        """The products' ids in the catalog; at most 30 in all sections together."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ProfileUpdate:
    """What is to be changed of a profile; what is left out stays. An empty text takes a line away, but for `about`."""
    def __new__(cls, *, about: str | None = None, address: str | None = None, description: str | None = None, email: str | None = None, vertical: str | None = None, websites: Sequence[str] | None = None, picture_handle: str | None = None) -> ProfileUpdate: ...
    @property
    def about(self) -> str | None:
        """The line below the name: 1 to 139 characters."""
        ...
    @property
    def address(self) -> str | None:
        """Where the business is: at most 256 characters."""
        ...
    @property
    def description(self) -> str | None:
        """What it does: at most 512 characters."""
        ...
    @property
    def email(self) -> str | None:
        """Its e-mail address: at most 128 characters."""
        ...
    @property
    def vertical(self) -> str | None:
        """Its trade: one of Meta's words, such as `RETAIL`, `RESTAURANT`, `HEALTH` or `OTHER`."""
        ...
    @property
    def websites(self) -> list[str] | None:
        """
        Its sites, instead of those that there are: at most two, of 256 characters, with `http://` or `https://`. An
        empty list takes them away.
        """
        ...
    @property
    def picture_handle(self) -> str | None:
        """The handle of a picture that `upload_sample` uploaded: JPEG or PNG."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Provenance:
    """Where a person's data comes from."""
    def __new__(cls, source: str, context: ProvenanceContext, *, obtained_at: datetime | None = None, objection_offered: bool = False, goods: Sequence[str] = ..., evidence: str | None = None) -> Provenance: ...
    @property
    def source(self) -> str:
        """The source in the host's words, for example `web shop checkout`. No personal data."""
        ...
    @property
    def context(self) -> ProvenanceContext:
        """In what context."""
        ...
    @property
    def obtained_at(self) -> datetime | None:
        """When."""
        ...
    @property
    def objection_offered(self) -> bool:
        """Whether the person could object, free of charge, when the data was collected (POPIA s69(3)(c))."""
        ...
    @property
    def goods(self) -> list[str]:
        """
        What was sold, in the account's own words: the exception for customers covers what is similar
        (POPIA s69(3)(b)).
        """
        ...
    @property
    def evidence(self) -> str | None:
        """What proves it, for example a form's id."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class PurposeRow:
    """A purpose of the closed list, and what it may rest on."""
    def __new__(cls, code: str, taxonomy: str, *, message_class: MessageClass | None = None, popia: Sequence[LegalBasis] = ..., gdpr: Sequence[LegalBasis] = ...) -> PurposeRow: ...
    @property
    def code(self) -> str:
        """Its stable code, for example `comms.marketing`."""
        ...
    @property
    def message_class(self) -> MessageClass | None:
        """How its messages are treated; `None` for what is no message."""
        ...
    @property
    def popia(self) -> list[LegalBasis]:
        """What it may rest on under POPIA; empty: nothing."""
        ...
    @property
    def gdpr(self) -> list[LegalBasis]:
        """What it may rest on under GDPR; empty: nothing."""
        ...
    @property
    def taxonomy(self) -> str:
        """Its place in the Fides taxonomy of data uses; empty where it has none."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class QrCode:
    """A code (Meta: WhatsApp Business QR Codes)."""
    def __new__(cls, code: str, message: str, link: str, *, image_url: str | None = None) -> QrCode: ...
    @property
    def code(self) -> str:
        """What tells it apart, at the end of its link."""
        ...
    @property
    def message(self) -> str:
        """The message that is typed already."""
        ...
    @property
    def link(self) -> str:
        """The link behind it, `https://wa.me/message/...`."""
        ...
    @property
    def image_url(self) -> str | None:
        """Where its picture can be fetched for a while, if one was asked for."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class QrPage:
    """A page of a number's codes."""
    def __new__(cls, *, codes: Sequence[QrCode] = ..., next: str | None = None) -> QrPage: ...
    @property
    def codes(self) -> list[QrCode]:
        """The codes."""
        ...
    @property
    def next(self) -> str | None:
        """Where the next page begins; `None` on the last one."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Query:
    """One page by one index."""
    def __new__(cls, account: str, kind: str, index: Index, limit: int, *, state: str | None = None, after: str | None = None, descending: bool = False) -> Query: ...
    @property
    def account(self) -> str:
        """The account."""
        ...
    @property
    def kind(self) -> str:
        """The kind, or empty where the index allows it."""
        ...
    @property
    def index(self) -> Index:
        """By what."""
        ...
    @property
    def state(self) -> str | None:
        """Only records in this state."""
        ...
    @property
    def after(self) -> str | None:
        """The cursor of the page before."""
        ...
    @property
    def limit(self) -> int:
        """At most this many, 1 to 10,000."""
        ...
    @property
    def descending(self) -> bool:
        """Whether the order is turned round."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class QuietHours:
    """Hours of the person's day in which the account sends nothing. They may span midnight."""
    def __new__(cls, from_minute: int, to_minute: int, *, purpose: Purpose | None = None, country: str | None = None, zone: str | None = None) -> QuietHours: ...
    @property
    def purpose(self) -> Purpose | None:
        """For this class of message; absent: for all direct marketing."""
        ...
    @property
    def country(self) -> str | None:
        """For people in this country, ISO 3166-1 alpha-2; absent: for everybody."""
        ...
    @property
    def zone(self) -> str | None:
        """For people in this IANA zone; absent: for everybody."""
        ...
    @property
    def from_minute(self) -> int:
        """The first quiet minute of the local day, 0 to 1,439."""
        ...
    @property
    def to_minute(self) -> int:
        """The first minute that is no longer quiet, 0 to 1,440."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Rate:
    """What messages to one country cost."""
    def __new__(cls, country: str, category: str, currency: str, micros: int) -> Rate: ...
    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-2, or `*` for every other country."""
        ...
    @property
    def category(self) -> str:
        """`marketing`, `utility`, `authentication` or `service`."""
        ...
    @property
    def currency(self) -> str:
        """ISO 4217."""
        ...
    @property
    def micros(self) -> int:
        """Millionths of the currency for one message."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RateException:
    """A country whose rate begins at another moment."""
    def __new__(cls, country: str, *, starts_at: datetime | None = None) -> RateException: ...
    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-2."""
        ...
    @property
    def starts_at(self) -> datetime | None:
        """From when."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Reason:
    """Why the gate says no, or not yet."""
    def __new__(cls, code: str, provision: str, text: str) -> Reason: ...
    @property
    def code(self) -> str:
        """The stable code, for example `SUPPRESSED`."""
        ...
    @property
    def provision(self) -> str:
        """What it rests on, for example `POPIA s69(1)`."""
        ...
    @property
    def text(self) -> str:
        """The same in plain words."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ReasonCount:
    """How many people a reason concerns."""
    def __new__(cls, reason: Reason, people: int) -> ReasonCount: ...
    @property
    def reason(self) -> Reason:
        """The reason."""
        ...
    @property
    def people(self) -> int:
        """How many people it is the strongest reason for."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Record:
    """One thing: a contact, a message, an attempt, a consent event, a key."""
    def __new__(cls, account: str, kind: str, id: str, version: int, state: str, retention: str, clear: str, sealed: bytes, *, subjects: Sequence[str] = ..., group: str | None = None, queue: str | None = None, due_at: datetime | None = None, expires_at: datetime | None = None, tokens: Sequence[Token] = ...) -> Record: ...
    @property
    def account(self) -> str:
        """The account that owns it."""
        ...
    @property
    def kind(self) -> str:
        """What kind of thing it is."""
        ...
    @property
    def id(self) -> str:
        """Its id within account and kind."""
        ...
    @property
    def version(self) -> int:
        """1 when inserted, one more with every change. The storage counts; what is given is ignored."""
        ...
    @property
    def state(self) -> str:
        """Its state, in the kind's own words."""
        ...
    @property
    def subjects(self) -> list[str]:
        """The people it concerns, by person id: all of them."""
        ...
    @property
    def group(self) -> str | None:
        """The larger thing it belongs to, for example a campaign."""
        ...
    @property
    def queue(self) -> str | None:
        """The queue it waits in, if it waits."""
        ...
    @property
    def due_at(self) -> datetime | None:
        """When it is due in its queue."""
        ...
    @property
    def expires_at(self) -> datetime | None:
        """When it must be gone."""
        ...
    @property
    def retention(self) -> str:
        """Which retention rule governs it."""
        ...
    @property
    def tokens(self) -> list[Token]:
        """What it can be found by."""
        ...
    @property
    def clear(self) -> str:
        """A JSON object without personal data: times, counters, states, codes."""
        ...
    @property
    def sealed(self) -> bytes:
        """Personal data, sealed."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Rectification:
    """A correction."""
    def __new__(cls, *, changes: dict[str, str] = ..., statement: str | None = None, request: str | None = None) -> Rectification: ...
    @property
    def changes(self) -> dict[str, str]:
        """
        The new values by field: `phone`, `name`, `language`, `zone`, `country`, or an attribute's name. An empty
        value removes a name or an attribute.
        """
        ...
    @property
    def statement(self) -> str | None:
        """The person's own statement, attached where the account does not agree (POPIA s24(2)(d))."""
        ...
    @property
    def request(self) -> str | None:
        """The request that it answers."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RegistryFacts:
    """What the national opt-out registry says (CPA regulation 4)."""
    def __new__(cls, *, blocked: bool = False, checked_at: datetime | None = None, marketer_registered: bool | None = None) -> RegistryFacts: ...
    @property
    def blocked(self) -> bool:
        """Whether the person registered a block."""
        ...
    @property
    def checked_at(self) -> datetime | None:
        """When the account's list was last compared with the registry; at most a month ago."""
        ...
    @property
    def marketer_registered(self) -> bool | None:
        """Whether the account is registered as a direct marketer; absent: unknown."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RelationshipFacts:
    """What makes somebody an existing customer (POPIA s69(3), ePrivacy 13(2))."""
    def __new__(cls, *, obtained_in_sale: bool = False, objection_offered: bool = False, goods_sold: Sequence[str] = ...) -> RelationshipFacts: ...
    @property
    def obtained_in_sale(self) -> bool:
        """
        Whether the contact was obtained in the context of a sale. A free account can be one, where it
        is part of a paid model (CJEU C-654/23).
        """
        ...
    @property
    def objection_offered(self) -> bool:
        """Whether the person could object, free of charge, when the contact was collected."""
        ...
    @property
    def goods_sold(self) -> list[str]:
        """What was sold, in the account's own words."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RenewalPage:
    """People who have to be asked again."""
    def __new__(cls, *, people: Sequence[str] = ..., next: str | None = None) -> RenewalPage: ...
    @property
    def people(self) -> list[str]:
        """They."""
        ...
    @property
    def next(self) -> str | None:
        """Where the next page begins; `None` at the end."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ReplyContext:
    """What is known of the conversation that a message belongs to. Everything left out is unknown."""
    def __new__(cls, *, language: str | None = None, account_language: str | None = None, open_dialogue: Sequence[str] = ..., consent_requested: bool = False) -> ReplyContext: ...
    @property
    def language(self) -> str | None:
        """The person's language (BCP 47, for example `zu` or `zu-ZA`)."""
        ...
    @property
    def account_language(self) -> str | None:
        """The language in which the account writes to people. It counts beside the person's."""
        ...
    @property
    def open_dialogue(self) -> list[str]:
        """
        What an open dialogue of the host understands itself, as whole messages; empty when none is open. They
        mean nothing here, and CANCEL, END and QUIT among them become a question. No dialogue takes the
        other words over.
        """
        ...
    @property
    def consent_requested(self) -> bool:
        """Whether the person was asked for consent and has not answered: then a plain yes or no is the answer."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class ReplyWord:
    """A word that counts as a whole message."""
    def __new__(cls, text: str, intent: Intent, source: str, version: str, *, language: str | None = None, reviewed_by: str | None = None) -> ReplyWord: ...
    @property
    def text(self) -> str:
        """Lower case, without accents, spaces and punctuation: however it is typed, it is read so."""
        ...
    @property
    def language(self) -> str | None:
        """
        The language (ISO 639) that the person or the account must have; `None` counts in any. From
        anybody else the word is a question.
        """
        ...
    @property
    def intent(self) -> Intent:
        """What it means."""
        ...
    @property
    def source(self) -> str:
        """Where it is from."""
        ...
    @property
    def reviewed_by(self) -> str | None:
        """The native speaker who confirmed it; `None` while nobody has."""
        ...
    @property
    def version(self) -> str:
        """The version of the table."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Report:
    """What a run found."""
    def __new__(cls, *, passed: Sequence[str] = ..., failed: Sequence[Failure] = ...) -> Report: ...
    @property
    def passed(self) -> list[str]:
        """The names of the cases that passed."""
        ...
    @property
    def failed(self) -> list[Failure]:
        """The cases that did not."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RequestDeadlines:
    """When an answer to a request is due. A day counts to its last millisecond, in the country's own zone."""
    def __new__(cls, right: RightKind, regime: Regime, received_at: datetime, promise_due: datetime, legal_due: datetime, provision: str, due: datetime, due_on: str, alarm_50: datetime, alarm_80: datetime, alarm_100: datetime, *, immediate: bool = False, extension_possible: bool = False, extended_due: datetime | None = None, extension_notice_by: datetime | None = None) -> RequestDeadlines: ...
    @property
    def right(self) -> RightKind:
        """The right."""
        ...
    @property
    def regime(self) -> Regime:
        """The law."""
        ...
    @property
    def received_at(self) -> datetime:
        """When the request was received."""
        ...
    @property
    def promise_due(self) -> datetime:
        """The account's promise: 30 days."""
        ...
    @property
    def legal_due(self) -> datetime:
        """The law's own time."""
        ...
    @property
    def provision(self) -> str:
        """Where that is written."""
        ...
    @property
    def due(self) -> datetime:
        """The earlier of the two."""
        ...
    @property
    def due_on(self) -> str:
        """The local day of `due`, `YYYY-MM-DD`."""
        ...
    @property
    def immediate(self) -> bool:
        """
        Whether it takes effect at once: a withdrawal, and an objection to direct marketing, end a use before the next
        message goes.
        """
        ...
    @property
    def extension_possible(self) -> bool:
        """Whether the law lets it take longer, once."""
        ...
    @property
    def extended_due(self) -> datetime | None:
        """When it is due then."""
        ...
    @property
    def extension_notice_by(self) -> datetime | None:
        """Until when the person must have been told so: within the law's first period."""
        ...
    @property
    def alarm_50(self) -> datetime:
        """Half of the time to `due` is gone."""
        ...
    @property
    def alarm_80(self) -> datetime:
        """Four fifths of it are gone."""
        ...
    @property
    def alarm_100(self) -> datetime:
        """All of it is gone: `due`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RequestPage:
    """Some requests and where to go on."""
    def __new__(cls, *, requests: Sequence[RightsRequest] = ..., next: str | None = None) -> RequestPage: ...
    @property
    def requests(self) -> list[RightsRequest]:
        """The requests, the oldest first."""
        ...
    @property
    def next(self) -> str | None:
        """Give it back as `after`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RequestStep:
    """One step in the life of a request."""
    def __new__(cls, at: datetime, actor: str, step: str, *, note: str | None = None) -> RequestStep: ...
    @property
    def at(self) -> datetime:
        """When."""
        ...
    @property
    def actor(self) -> str:
        """Who."""
        ...
    @property
    def step(self) -> str:
        """What, for example `opened`, `extended`, `refused`."""
        ...
    @property
    def note(self) -> str | None:
        """Anything more."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RetainedItem:
    """Something that is kept after an erasure because a law wants it."""
    def __new__(cls, id: str, kind: str, retention: str, provision: str, created_at: datetime, *, until: datetime | None = None, phone: str | None = None, name: str | None = None, content: str | None = None) -> RetainedItem: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def kind(self) -> str:
        """What it was: `message`."""
        ...
    @property
    def retention(self) -> str:
        """Its retention class."""
        ...
    @property
    def provision(self) -> str:
        """The provision that wants it kept."""
        ...
    @property
    def created_at(self) -> datetime:
        """From when it is."""
        ...
    @property
    def until(self) -> datetime | None:
        """When it goes."""
        ...
    @property
    def phone(self) -> str | None:
        """To whom it was, where it was opened."""
        ...
    @property
    def name(self) -> str | None:
        """Their name, where it was opened."""
        ...
    @property
    def content(self) -> str | None:
        """What it says, as JSON, where it was opened."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RetainedPage:
    """Some retained things and where to go on."""
    def __new__(cls, *, items: Sequence[RetainedItem] = ..., next: str | None = None) -> RetainedPage: ...
    @property
    def items(self) -> list[RetainedItem]:
        """The things, closed."""
        ...
    @property
    def next(self) -> str | None:
        """Give it back as `after`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RetainedPart:
    """What is kept after an erasure because a law wants it."""
    def __new__(cls, retention: str, count: int, until: datetime, provision: str) -> RetainedPart: ...
    @property
    def retention(self) -> str:
        """The retention class, for example `transaction`."""
        ...
    @property
    def count(self) -> int:
        """How many records."""
        ...
    @property
    def until(self) -> datetime:
        """When the last of them goes."""
        ...
    @property
    def provision(self) -> str:
        """The provision that wants it kept."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RetentionDue:
    """When a record is over."""
    def __new__(cls, action: RetentionAction, provision: str, *, due_at: datetime | None = None, floor_at: datetime | None = None, held: bool = False, restricted_from: datetime | None = None) -> RetentionDue: ...
    @property
    def due_at(self) -> datetime | None:
        """
        From when on it is to end; `None`: time does not end it, or a hold without an end keeps it, or it is not
        known when its time began.
        """
        ...
    @property
    def action(self) -> RetentionAction:
        """What is done then."""
        ...
    @property
    def floor_at(self) -> datetime | None:
        """Before when a law forbids it."""
        ...
    @property
    def held(self) -> bool:
        """Whether a hold keeps it beyond its time."""
        ...
    @property
    def restricted_from(self) -> datetime | None:
        """From when on it is stored and not used: the person asked to be erased, and a law wants it kept."""
        ...
    @property
    def provision(self) -> str:
        """Where the period comes from."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RetentionFacts:
    """What is known of a record. Whatever is missing is not known, and what is not known is not over."""
    def __new__(cls, *, retention: RetentionClass | None = None, created_at: datetime | None = None, last_activity_at: datetime | None = None, withdrawn_at: datetime | None = None, subscription_ended_at: datetime | None = None, last_contact_at: datetime | None = None, last_reliance_at: datetime | None = None, decided_at: datetime | None = None, financial_year_end: datetime | None = None, aggregated_over: int | None = None, erasure_requested_at: datetime | None = None, holds: Sequence[HoldFacts] = ...) -> RetentionFacts: ...
    @property
    def retention(self) -> RetentionClass | None:
        """Its class."""
        ...
    @property
    def created_at(self) -> datetime | None:
        """When it was made."""
        ...
    @property
    def last_activity_at(self) -> datetime | None:
        """When the person was last active: a message of theirs, a click, a purchase. Never the account's own sends."""
        ...
    @property
    def withdrawn_at(self) -> datetime | None:
        """When the person withdrew consent to marketing."""
        ...
    @property
    def subscription_ended_at(self) -> datetime | None:
        """When the subscription or account ended."""
        ...
    @property
    def last_contact_at(self) -> datetime | None:
        """The last contact of a conversation."""
        ...
    @property
    def last_reliance_at(self) -> datetime | None:
        """When the consent was last relied on."""
        ...
    @property
    def decided_at(self) -> datetime | None:
        """When it was decided."""
        ...
    @property
    def financial_year_end(self) -> datetime | None:
        """The end of the financial year that a transaction falls into, where its time counts from there."""
        ...
    @property
    def aggregated_over(self) -> int | None:
        """Over how many people it is a count; missing: it is of one."""
        ...
    @property
    def erasure_requested_at(self) -> datetime | None:
        """When the person asked to be erased."""
        ...
    @property
    def holds(self) -> list[HoldFacts]:
        """Holds."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RetentionRules:
    """The periods, in months. They can be lengthened and shortened; a law's floor stays."""
    def __new__(cls, active_account: int, transaction: int, marketing: int, support: int, analytics: int, consent: int, decision: int, request: int) -> RetentionRules: ...
    @property
    def active_account(self) -> int:
        """After the end of a subscription; 12."""
        ...
    @property
    def transaction(self) -> int:
        """From a transaction, or the end of its financial year; 84, and not less (Companies Act 71 of 2008 s24)."""
        ...
    @property
    def marketing(self) -> int:
        """After the last activity; 24. A withdrawal ends it at once."""
        ...
    @property
    def support(self) -> int:
        """After the last contact; 36."""
        ...
    @property
    def analytics(self) -> int:
        """Raw events of use; 24. Counts over enough people stay."""
        ...
    @property
    def consent(self) -> int:
        """After the consent was last relied on; 36, the period of prescription."""
        ...
    @property
    def decision(self) -> int:
        """After the decision; 36."""
        ...
    @property
    def request(self) -> int:
        """After a request of a data subject ended; 36."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RightStatus:
    """One right of a request."""
    def __new__(cls, right: RightKind, state: RequestState, deadlines: RequestDeadlines, *, ground: RefusalGround | None = None, ended_at: datetime | None = None, at_once: bool = False) -> RightStatus: ...
    @property
    def right(self) -> RightKind:
        """Which."""
        ...
    @property
    def state(self) -> RequestState:
        """Where it stands."""
        ...
    @property
    def ground(self) -> RefusalGround | None:
        """Why it was refused."""
        ...
    @property
    def ended_at(self) -> datetime | None:
        """When it was done or refused."""
        ...
    @property
    def deadlines(self) -> RequestDeadlines:
        """Its clock."""
        ...
    @property
    def at_once(self) -> bool:
        """Whether it was done at once, by the engine itself."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RightsRequest:
    """A request of a data subject."""
    def __new__(cls, id: str, state: RequestState, channel: RequestChannel, identity: IdentityState, received_at: datetime, *, person: str | None = None, rights: Sequence[RightStatus] = ..., regimes: Sequence[Regime] = ..., country: str | None = None, due_at: datetime | None = None, extended_at: datetime | None = None, ended_at: datetime | None = None, details: str | None = None, contact: str | None = None, objects_to: ObjectionScope | None = None, corrections: dict[str, str] = ..., evidence: str | None = None, steps: Sequence[RequestStep] = ...) -> RightsRequest: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def person(self) -> str | None:
        """Whose; `None` for somebody the account does not know, or has erased."""
        ...
    @property
    def state(self) -> RequestState:
        """Where it stands."""
        ...
    @property
    def rights(self) -> list[RightStatus]:
        """Each right."""
        ...
    @property
    def channel(self) -> RequestChannel:
        """By what way it came."""
        ...
    @property
    def identity(self) -> IdentityState:
        """Whether it is known who asks."""
        ...
    @property
    def regimes(self) -> list[Regime]:
        """Which laws bind."""
        ...
    @property
    def country(self) -> str | None:
        """Whose holidays count."""
        ...
    @property
    def received_at(self) -> datetime:
        """When it was received."""
        ...
    @property
    def due_at(self) -> datetime | None:
        """When the answer is due: the earliest of what is open."""
        ...
    @property
    def extended_at(self) -> datetime | None:
        """When the person was told that it takes longer, and why."""
        ...
    @property
    def ended_at(self) -> datetime | None:
        """When it ended."""
        ...
    @property
    def details(self) -> str | None:
        """What the person wrote."""
        ...
    @property
    def contact(self) -> str | None:
        """How to answer somebody who is no contact."""
        ...
    @property
    def objects_to(self) -> ObjectionScope | None:
        """To what they object."""
        ...
    @property
    def corrections(self) -> dict[str, str]:
        """What is wrong and what would be right."""
        ...
    @property
    def evidence(self) -> str | None:
        """How the request is proved."""
        ...
    @property
    def steps(self) -> list[RequestStep]:
        """What was done about it."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RotationReport:
    """Where a rotation stands."""
    def __new__(cls, old: int, new: int, began_at: datetime, rewrapped: int, left: int, *, ended_at: datetime | None = None) -> RotationReport: ...
    @property
    def old(self) -> int:
        """The wrapping key before."""
        ...
    @property
    def new(self) -> int:
        """The one that new data keys lie under."""
        ...
    @property
    def began_at(self) -> datetime:
        """When it began."""
        ...
    @property
    def ended_at(self) -> datetime | None:
        """When it ended; `None` while it is under way."""
        ...
    @property
    def rewrapped(self) -> int:
        """Data keys that went over in this run."""
        ...
    @property
    def left(self) -> int:
        """Data keys under the old one."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RowProblem:
    """A row that could not be taken."""
    def __new__(cls, row: int, detail: str, *, column: str | None = None) -> RowProblem: ...
    @property
    def row(self) -> int:
        """The row as a spreadsheet numbers it; the header is row 1."""
        ...
    @property
    def column(self) -> str | None:
        """The column's heading, where one cell is to blame."""
        ...
    @property
    def detail(self) -> str:
        """What is wrong, without the cell's content."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Rule:
    """A rule as data: what the gate may say, on what it rests, and since when."""
    def __new__(cls, code: str, provision: str, text: str, *, valid_from: datetime | None = None, valid_to: datetime | None = None) -> Rule: ...
    @property
    def code(self) -> str:
        """The stable code, for example `SUPPRESSED`."""
        ...
    @property
    def provision(self) -> str:
        """What it rests on."""
        ...
    @property
    def text(self) -> str:
        """The same in plain words."""
        ...
    @property
    def valid_from(self) -> datetime | None:
        """From when it holds; absent: from before any decision."""
        ...
    @property
    def valid_to(self) -> datetime | None:
        """Until when it holds; absent: no end is known."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RuleSet:
    """The rule set as it stands."""
    def __new__(cls, version: str, review_by: str, *, stale: bool = False, rules: Sequence[Rule] = ...) -> RuleSet: ...
    @property
    def version(self) -> str:
        """Its version, as it stands in every decision."""
        ...
    @property
    def review_by(self) -> str:
        """The day after which it wants to be looked at again, `YYYY-MM-DD`."""
        ...
    @property
    def stale(self) -> bool:
        """Whether that day has passed."""
        ...
    @property
    def rules(self) -> list[Rule]:
        """Every reason that it can give."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Sample:
    """A file for a profile's picture or a template's header. `Debug` does not show its bytes."""
    def __new__(cls, app: str, mime: str, filename: str, bytes: bytes) -> Sample: ...
    @property
    def app(self) -> str:
        """Meta's id of the app whose token the engine has."""
        ...
    @property
    def mime(self) -> str:
        """`image/jpeg`, `image/png`, `video/mp4` or `application/pdf`."""
        ...
    @property
    def filename(self) -> str:
        """Its name."""
        ...
    @property
    def bytes(self) -> bytes:
        """Its bytes: at most 100 MB."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class SavedAddress:
    """An address that is known and offered again."""
    def __new__(cls, id: str, *, values: dict[str, str] = ...) -> SavedAddress: ...
    @property
    def id(self) -> str:
        """Comes back when it is chosen."""
        ...
    @property
    def values(self) -> dict[str, str]:
        """Its fields by WhatsApp's names, for example `city`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class SendResult:
    """One result of `send_many`: exactly one of the two is there."""
    def __new__(cls, *, sent: Sent | None = None, error_code: str | None = None, error_text: str | None = None) -> SendResult: ...
    @property
    def sent(self) -> Sent | None:
        """The message, if it was queued."""
        ...
    @property
    def error_code(self) -> str | None:
        """The error's code, if not."""
        ...
    @property
    def error_text(self) -> str | None:
        """The error's text, if not."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class SenderHealth:
    """How the senders stand with WhatsApp, as webhooks told it and as it was read last."""
    def __new__(cls, people_written_to: int, *, numbers: Sequence[NumberHealth] = ..., templates: Sequence[TemplateHealth] = ..., messaging_limit: str | None = None, people_limit: int | None = None, ban: str | None = None, restrictions: Sequence[AccountRestriction] = ..., read_at: datetime | None = None) -> SenderHealth: ...
    @property
    def numbers(self) -> list[NumberHealth]:
        """The account's numbers."""
        ...
    @property
    def templates(self) -> list[TemplateHealth]:
        """The templates, by name and language."""
        ...
    @property
    def messaging_limit(self) -> str | None:
        """The business's messaging limit in WhatsApp's words, for example `TIER_2K`."""
        ...
    @property
    def people_limit(self) -> int | None:
        """The same as a number of people within 24 hours; `None` for no limit, and where none is known."""
        ...
    @property
    def people_written_to(self) -> int:
        """
        How many people these numbers wrote to first within the last 24 hours: outside the 24 hours after a message of
        theirs. Others who send for the business are not counted.
        """
        ...
    @property
    def ban(self) -> str | None:
        """Why the whole account is stopped: `DISABLE`, `DELETED`, `OFFBOARDED` or `REJECTED`."""
        ...
    @property
    def restrictions(self) -> list[AccountRestriction]:
        """What the account may not do at present."""
        ...
    @property
    def read_at(self) -> datetime | None:
        """When WhatsApp was asked last."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Sent:
    """The answer to `send`."""
    def __new__(cls, id: str, person: str, state: MessageState, decision: Decision, *, existed: bool = False, due_at: datetime | None = None) -> Sent: ...
    @property
    def id(self) -> str:
        """The message's id."""
        ...
    @property
    def person(self) -> str:
        """The person's id."""
        ...
    @property
    def state(self) -> MessageState:
        """`queued`, or where the message stands if the dedupe key was known."""
        ...
    @property
    def existed(self) -> bool:
        """Whether the dedupe key was known and nothing new was queued."""
        ...
    @property
    def due_at(self) -> datetime | None:
        """When it is due."""
        ...
    @property
    def decision(self) -> Decision:
        """What the gate said."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class SettingChange:
    """A change of the account's settings, as it stands in their history."""
    def __new__(cls, id: str, at: datetime, reason: str, *, tightened: Tightening | None = None, loosened: Loosening | None = None, undone: bool = False) -> SettingChange: ...
    @property
    def id(self) -> str:
        """Where in the history."""
        ...
    @property
    def at(self) -> datetime:
        """When."""
        ...
    @property
    def tightened(self) -> Tightening | None:
        """What was made stricter."""
        ...
    @property
    def loosened(self) -> Loosening | None:
        """What was made less strict."""
        ...
    @property
    def undone(self) -> bool:
        """Whether the setting was taken back."""
        ...
    @property
    def reason(self) -> str:
        """The host's reason; required for what is less strict."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class SharingFacts:
    """What is known of a disclosure. Everything left out is unknown, and unknown never allows."""
    def __new__(cls, *, recipient: RecipientClass = ..., for_value: bool = False, is_competitor: bool = False, purpose: str | None = None, collected_for: str | None = None, consented: bool = False, explicitly: bool = False, contract: str | None = None, legal_reference: str | None = None, special: bool = False, restricted: bool = False, objected: bool = False) -> SharingFacts: ...
    @property
    def recipient(self) -> RecipientClass:
        """Who gets the data."""
        ...
    @property
    def for_value(self) -> bool:
        """Whether money or another advantage is given for the data themselves, whoever gets them."""
        ...
    @property
    def is_competitor(self) -> bool:
        """Whether the recipient competes with the account, whatever else it is."""
        ...
    @property
    def purpose(self) -> str | None:
        """What they are for: a code of the closed list, for example `service.deliver_message`."""
        ...
    @property
    def collected_for(self) -> str | None:
        """The purpose for which they were collected."""
        ...
    @property
    def consented(self) -> bool:
        """The person consented to this disclosure."""
        ...
    @property
    def explicitly(self) -> bool:
        """They did so explicitly, to exactly this recipient or kind of recipient."""
        ...
    @property
    def contract(self) -> str | None:
        """The written contract with a service provider (POPIA s21(1), GDPR 28(3))."""
        ...
    @property
    def legal_reference(self) -> str | None:
        """The law, order or request an authority relies on."""
        ...
    @property
    def special(self) -> bool:
        """Whether special personal information is in it (POPIA s26, GDPR 9(1))."""
        ...
    @property
    def restricted(self) -> bool:
        """Whether the person's data are restricted (POPIA s14(6), GDPR 18)."""
        ...
    @property
    def objected(self) -> bool:
        """Whether the person objected to this purpose (POPIA s11(3), GDPR 21)."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Signup:
    """A sign-up (Meta: In-App Signup). Its link is `https://wa.me/<phone number>/signup/<id>`."""
    def __new__(cls, id: str, message: str, confirmation_message: str, privacy_policy_url: str, *, status: str | None = None, website_url: str | None = None, promo_code: str | None = None, display_name: str | None = None) -> Signup: ...
    @property
    def id(self) -> str:
        """Its id: the evidence of consent of everybody who subscribes by it."""
        ...
    @property
    def status(self) -> str | None:
        """`ACTIVE`, or `DISABLED`: then its links work no more."""
        ...
    @property
    def message(self) -> str:
        """What people read before they subscribe."""
        ...
    @property
    def confirmation_message(self) -> str:
        """What WhatsApp sends them when they have."""
        ...
    @property
    def privacy_policy_url(self) -> str:
        """Where the business's privacy policy is."""
        ...
    @property
    def website_url(self) -> str | None:
        """Where the business's site is."""
        ...
    @property
    def promo_code(self) -> str | None:
        """What stands in place of `{{promo_code}}`."""
        ...
    @property
    def display_name(self) -> str | None:
        """What the business calls it; people do not see it."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class SignupCode:
    """What embedded sign-up handed out, with the app that it was for. `Debug` shows neither secret nor code."""
    def __new__(cls, app: str, app_secret: str, code: str) -> SignupCode: ...
    @property
    def app(self) -> str:
        """Meta's id of the app."""
        ...
    @property
    def app_secret(self) -> str:
        """The app's secret."""
        ...
    @property
    def code(self) -> str:
        """The code. It works once, and for 30 seconds."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class SignupPage:
    """A page of the account's sign-ups."""
    def __new__(cls, *, signups: Sequence[Signup] = ..., next: str | None = None) -> SignupPage: ...
    @property
    def signups(self) -> list[Signup]:
        """The sign-ups."""
        ...
    @property
    def next(self) -> str | None:
        """Where the next page begins; `None` on the last one."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class SignupUpdate:
    """What is to be changed of a sign-up; what is left out stays. The privacy policy's address cannot be changed."""
    def __new__(cls, *, active: bool | None = None, message: str | None = None, confirmation_message: str | None = None, website_url: str | None = None, promo_code: str | None = None, display_name: str | None = None) -> SignupUpdate: ...
    @property
    def active(self) -> bool | None:
        """Whether its links work."""
        ...
    @property
    def message(self) -> str | None:
        """What people read before they subscribe: 1 to 300 characters."""
        ...
    @property
    def confirmation_message(self) -> str | None:
        """What WhatsApp sends them when they have: 1 to 300 characters."""
        ...
    @property
    def website_url(self) -> str | None:
        """Where the business's site is, an `https://` address."""
        ...
    @property
    def promo_code(self) -> str | None:
        """What stands in place of `{{promo_code}}`: 1 to 50 letters and digits."""
        ...
    @property
    def display_name(self) -> str | None:
        """What the business calls it: 1 to 256 characters."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Statistics:
    """Cells that may be kept and shown, and a count of those that may not."""
    def __new__(cls, least_people: int, left_out: int, *, cells: Sequence[StatisticsCell] = ..., totals: Sequence[StatisticsCell] = ...) -> Statistics: ...
    @property
    def cells(self) -> list[StatisticsCell]:
        """The cells, each over at least `least_people` people."""
        ...
    @property
    def totals(self) -> list[StatisticsCell]:
        """The totals of each week and purpose, where no left-out cell can be found out from them."""
        ...
    @property
    def least_people(self) -> int:
        """The least number of people that a cell is over."""
        ...
    @property
    def left_out(self) -> int:
        """Cells left out: too few people, or needed to hide one of those."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class StatisticsCell:
    """Counts over the people of one week, purpose and country."""
    def __new__(cls, week: str, purpose: str, country: str, people: int, sent: int, delivered: int, read: int, answered: int) -> StatisticsCell: ...
    @property
    def week(self) -> str:
        """The week's Monday, `YYYY-MM-DD`."""
        ...
    @property
    def purpose(self) -> str:
        """The purpose of the messages."""
        ...
    @property
    def country(self) -> str:
        """The country of the people, or empty where it is not known."""
        ...
    @property
    def people(self) -> int:
        """How many people."""
        ...
    @property
    def sent(self) -> int:
        """Messages accepted by WhatsApp."""
        ...
    @property
    def delivered(self) -> int:
        """Messages delivered."""
        ...
    @property
    def read(self) -> int:
        """Messages read."""
        ...
    @property
    def answered(self) -> int:
        """Messages answered."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class StoppedNumber:
    """A number that does not send."""
    def __new__(cls, id: str, code: int, detail: str) -> StoppedNumber: ...
    @property
    def id(self) -> str:
        """The phone number id."""
        ...
    @property
    def code(self) -> int:
        """WhatsApp's error code."""
        ...
    @property
    def detail(self) -> str:
        """What it means and what to do."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class StoreProblem:
    """Something that is wrong. It names records by id, and nobody."""
    def __new__(cls, check: str, kind: str, id: str, text: str, *, repairable: bool = False, repaired: bool = False) -> StoreProblem: ...
    @property
    def check(self) -> str:
        """
        Which check found it: `structure`, `audit`, `clock`, `journal`, `seal`, `key`, `index`, `suppression`,
        `consent`, `state`, `attempt`, `orphan`.
        """
        ...
    @property
    def kind(self) -> str:
        """The kind of record; empty where it is about the whole store."""
        ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def text(self) -> str:
        """What is wrong, in words."""
        ...
    @property
    def repairable(self) -> bool:
        """Whether it can be derived anew."""
        ...
    @property
    def repaired(self) -> bool:
        """Whether it was."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class StoreReport:
    """What a look at the store found."""
    def __new__(cls, more: int, *, sound: bool = False, deep: bool = False, records: dict[str, int] = ..., problems: Sequence[StoreProblem] = ..., audit: AuditReport = ...) -> StoreReport: ...
    @property
    def sound(self) -> bool:
        """Whether nothing is wrong, or everything that was is mended."""
        ...
    @property
    def deep(self) -> bool:
        """Whether every record was opened and compared."""
        ...
    @property
    def records(self) -> dict[str, int]:
        """How many records there are, by kind; only of a deep look."""
        ...
    @property
    def problems(self) -> list[StoreProblem]:
        """What is wrong: the first 1,000 things."""
        ...
    @property
    def more(self) -> int:
        """How many more."""
        ...
    @property
    def audit(self) -> AuditReport:
        """What the audit log's chain says."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class SubscribedApp:
    """An app that gets the account's webhooks (Meta: WhatsApp Business Account > Subscribed Apps)."""
    def __new__(cls, *, id: str | None = None, name: str | None = None, link: str | None = None, callback_url: str | None = None) -> SubscribedApp: ...
    @property
    def id(self) -> str | None:
        """Its id."""
        ...
    @property
    def name(self) -> str | None:
        """Its name."""
        ...
    @property
    def link(self) -> str | None:
        """Meta's page of it."""
        ...
    @property
    def callback_url(self) -> str | None:
        """Where this account's webhooks go, if not to the app's own address."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class SuppressionEntry:
    """
    An entry of the list. It names nobody: its key is the keyed hash of an address, and only an engine with the same
    key and account finds the address in it.
    """
    def __new__(cls, key: str, scope: SuppressionScope, *, at: datetime | None = None) -> SuppressionEntry: ...
    @property
    def key(self) -> str:
        """The keyed hash of the address."""
        ...
    @property
    def scope(self) -> SuppressionScope:
        """What it stops."""
        ...
    @property
    def at(self) -> datetime | None:
        """Since when; `None` where that is not known."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class SuppressionPage:
    """A page of the list."""
    def __new__(cls, *, entries: Sequence[SuppressionEntry] = ..., next: str | None = None) -> SuppressionPage: ...
    @property
    def entries(self) -> list[SuppressionEntry]:
        """Its entries."""
        ...
    @property
    def next(self) -> str | None:
        """Where the next page begins; `None` at the end."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class SweepPreview:
    """What a sweep would do."""
    def __new__(cls, *, report: SweepReport = ..., items: Sequence[ExpiringItem] = ...) -> SweepPreview: ...
    @property
    def report(self) -> SweepReport:
        """The totals."""
        ...
    @property
    def items(self) -> list[ExpiringItem]:
        """The first 1,000 things."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class SweepReport:
    """What a sweep ended, or would end."""
    def __new__(cls, people: int, minimised: int, held: int, postponed: int, seen: int, *, ended: dict[str, int] = ..., reasons: dict[str, str] = ..., complete: bool = False) -> SweepReport: ...
    @property
    def ended(self) -> dict[str, int]:
        """Records that ended, by retention class."""
        ...
    @property
    def reasons(self) -> dict[str, str]:
        """Why, in words, by retention class."""
        ...
    @property
    def people(self) -> int:
        """People erased, as nothing more was kept of them."""
        ...
    @property
    def minimised(self) -> int:
        """People of whom only the proof of their consent was kept."""
        ...
    @property
    def held(self) -> int:
        """What was over and is kept by a hold."""
        ...
    @property
    def postponed(self) -> int:
        """What turned out not to be over yet, as the person was active meanwhile."""
        ...
    @property
    def seen(self) -> int:
        """Records looked at."""
        ...
    @property
    def complete(self) -> bool:
        """Whether everything was done that was over."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Template:
    """A template as it stands at WhatsApp, kept here so that a send is checked before it leaves."""
    def __new__(cls, name: str, language: str, category: TemplateCategory, status: str, body: str, *, header: TemplateHeader | None = None, footer: str | None = None, buttons: Sequence[ButtonDefinition] = ..., cards: Sequence[CardDefinition] = ..., offer: OfferDefinition | None = None, id: str | None = None, quality: str | None = None, rejected_reason: str | None = None) -> Template: ...
    @property
    def name(self) -> str:
        """`[a-z0-9_]`, at most 512 characters."""
        ...
    @property
    def language(self) -> str:
        """For example `en` or `pt_BR`."""
        ...
    @property
    def category(self) -> TemplateCategory:
        """Its category."""
        ...
    @property
    def status(self) -> str:
        """`APPROVED`, `PAUSED`, `DISABLED`, ...; only an approved one is sent."""
        ...
    @property
    def header(self) -> TemplateHeader | None:
        """What stands above, where there is anything."""
        ...
    @property
    def body(self) -> str:
        """The body with placeholders `{{1}}` or `{{name}}`, at most 1,024 characters."""
        ...
    @property
    def footer(self) -> str | None:
        """A footer, at most 60 characters."""
        ...
    @property
    def buttons(self) -> list[ButtonDefinition]:
        """At most ten buttons, in WhatsApp's order: a value names its button by its place."""
        ...
    @property
    def cards(self) -> list[CardDefinition]:
        """Two to ten cards, where the template has a carousel."""
        ...
    @property
    def offer(self) -> OfferDefinition | None:
        """A limited-time offer, where there is one. Marketing only, and without a footer."""
        ...
    @property
    def id(self) -> str | None:
        """WhatsApp's id of it, once it was submitted or read from there."""
        ...
    @property
    def quality(self) -> str | None:
        """How people take it, as WhatsApp said last: `GREEN`, `YELLOW`, `RED` or `UNKNOWN`."""
        ...
    @property
    def rejected_reason(self) -> str | None:
        """Why WhatsApp rejected it, where it did: for example `INVALID_FORMAT` or `TAG_CONTENT_MISMATCH`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class TemplateAnalyticsQuery:
    """Which templates are counted."""
    def __new__(cls, start: datetime, end: datetime, *, template_ids: Sequence[str] = ..., product: TemplateProduct | None = None) -> TemplateAnalyticsQuery: ...
    @property
    def template_ids(self) -> list[str]:
        """One to ten of WhatsApp's ids, as `Template.id`(crate.messaging.Template) has them."""
        ...
    @property
    def start(self) -> datetime:
        """The beginning: the day in UTC that the moment is in. WhatsApp looks back 90 days."""
        ...
    @property
    def end(self) -> datetime:
        """The end: the day in UTC that the moment is in."""
        ...
    @property
    def product(self) -> TemplateProduct | None:
        """By which way they left: `/messages`, unless it is said."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class TemplateCard:
    """The values of one card of a template's carousel."""
    def __new__(cls, header: Header, *, body: Sequence[Parameter] = ..., buttons: Sequence[TemplateButton] = ...) -> TemplateCard: ...
    @property
    def header(self) -> Header:
        """A picture, a film or a product, as the template's cards have it."""
        ...
    @property
    def body(self) -> list[Parameter]:
        """The placeholders of the card's text."""
        ...
    @property
    def buttons(self) -> list[TemplateButton]:
        """The buttons that take a value."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class TemplateClicks:
    """How often a button was pressed."""
    def __new__(cls, kind: str, button: str, clicks: int) -> TemplateClicks: ...
    @property
    def kind(self) -> str:
        """`quick_reply_button`, `url_button`, or `unique_url_button` for how many people."""
        ...
    @property
    def button(self) -> str:
        """What it says."""
        ...
    @property
    def clicks(self) -> int:
        """How often."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class TemplateComparison:
    """Two templates beside each other (Meta: Template comparison)."""
    def __new__(cls, start: datetime, end: datetime, *, templates: Sequence[ComparedTemplate] = ..., by_block_rate: Sequence[str] = ...) -> TemplateComparison: ...
    @property
    def start(self) -> datetime:
        """From when on their messages were counted."""
        ...
    @property
    def end(self) -> datetime:
        """Until when."""
        ...
    @property
    def templates(self) -> list[ComparedTemplate]:
        """The two, in the order in which they were named."""
        ...
    @property
    def by_block_rate(self) -> list[str]:
        """Their ids, the one first after which people block the business less often for each message."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class TemplateCost:
    """What a template cost."""
    def __new__(cls, kind: str, *, amount: float | None = None) -> TemplateCost: ...
    @property
    def kind(self) -> str:
        """`amount_spent`, `cost_per_delivered` or `cost_per_url_button_click`."""
        ...
    @property
    def amount(self) -> float | None:
        """In the account's currency; `None` where nothing was spent."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class TemplateExamples:
    """
    What WhatsApp's reviewers see in place of values, and what a definition leaves open. Examples are shown to Meta:
    none of them may be somebody's data.
    """
    def __new__(cls, *, header: str | None = None, body: dict[str, str] = ..., buttons: Sequence[ButtonExample] = ..., cards: Sequence[CardExamples] = ..., password: PasswordSettings | None = None, ttl_seconds: int | None = None) -> TemplateExamples: ...
    @property
    def header(self) -> str | None:
        """
        In place of the header's placeholder; where it is a picture, a film or a PDF, the handle of an example from
        `platform.upload_sample`.
        """
        ...
    @property
    def body(self) -> dict[str, str]:
        """In place of the body's placeholders, by their names: `1`, `2` or words."""
        ...
    @property
    def buttons(self) -> list[ButtonExample]:
        """What buttons need."""
        ...
    @property
    def cards(self) -> list[CardExamples]:
        """What the cards need, in their order."""
        ...
    @property
    def password(self) -> PasswordSettings | None:
        """For authentication templates; copying, if missing."""
        ...
    @property
    def ttl_seconds(self) -> int | None:
        """
        For how many seconds a message may wait for its phone: 30 to 900 for authentication, 30 to 43,200 for utility,
        43,200 to 2,592,000 for marketing by `/marketing_messages`. -1: 30 days. Missing: WhatsApp's own.
        """
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class TemplateFacts:
    """What is known of a template when a decision is made."""
    def __new__(cls, category: str, *, approved: bool = False) -> TemplateFacts: ...
    @property
    def category(self) -> str:
        """`marketing`, `utility` or `authentication`, as WhatsApp classed it."""
        ...
    @property
    def approved(self) -> bool:
        """Whether WhatsApp lets it be sent."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class TemplateHealth:
    """How a template stands with WhatsApp."""
    def __new__(cls, name: str, language: str, category: TemplateCategory, status: str, *, quality: str | None = None) -> TemplateHealth: ...
    @property
    def name(self) -> str:
        """Its name."""
        ...
    @property
    def language(self) -> str:
        """Its language."""
        ...
    @property
    def category(self) -> TemplateCategory:
        """Its category."""
        ...
    @property
    def status(self) -> str:
        """`APPROVED`, `PAUSED`, `DISABLED`, ...; only an approved one is sent."""
        ...
    @property
    def quality(self) -> str | None:
        """How people take it: `GREEN`, `YELLOW`, `RED` or `UNKNOWN`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class TemplateMigration:
    """What a migration of templates came to."""
    def __new__(cls, *, migrated: Sequence[str] = ..., failed: Sequence[UnmigratedTemplate] = ...) -> TemplateMigration: ...
    @property
    def migrated(self) -> list[str]:
        """The ids of the copies, in this account."""
        ...
    @property
    def failed(self) -> list[UnmigratedTemplate]:
        """Those that were not copied."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class TemplatePoint:
    """A template on a day."""
    def __new__(cls, template_id: str, start: datetime, end: datetime, sent: int, delivered: int, read: int, *, clicks: Sequence[TemplateClicks] = ..., costs: Sequence[TemplateCost] = ...) -> TemplatePoint: ...
    @property
    def template_id(self) -> str:
        """The template's id."""
        ...
    @property
    def start(self) -> datetime:
        """When the day begins."""
        ...
    @property
    def end(self) -> datetime:
        """When it ends."""
        ...
    @property
    def sent(self) -> int:
        """How many were sent."""
        ...
    @property
    def delivered(self) -> int:
        """How many arrived."""
        ...
    @property
    def read(self) -> int:
        """How many were read. WhatsApp counts that for seven days after a message."""
        ...
    @property
    def clicks(self) -> list[TemplateClicks]:
        """Presses of its buttons, of marketing and utility templates."""
        ...
    @property
    def costs(self) -> list[TemplateCost]:
        """What it cost; nothing for an account that pays through a partner."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class TemplateSource:
    """Templates of another account of the same business."""
    def __new__(cls, account: str, *, template_ids: Sequence[str] = ..., page: int | None = None, count: int | None = None) -> TemplateSource: ...
    @property
    def account(self) -> str:
        """The id of the other account."""
        ...
    @property
    def template_ids(self) -> list[str]:
        """Which: at most 500 of WhatsApp's ids. All, if none are named."""
        ...
    @property
    def page(self) -> int | None:
        """Which page of all, from 0; the first, if it is left out."""
        ...
    @property
    def count(self) -> int | None:
        """How many a page has: 1 to 500. 500, if it is left out; fewer where WhatsApp takes longer than half a minute."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class TemplateSync:
    """What a look at WhatsApp's templates came to."""
    def __new__(cls, seen: int, added: int, changed: int, gone: int, *, unread: Sequence[UnreadTemplate] = ...) -> TemplateSync: ...
    @property
    def seen(self) -> int:
        """How many there are at WhatsApp."""
        ...
    @property
    def added(self) -> int:
        """How many of them were new here."""
        ...
    @property
    def changed(self) -> int:
        """How many stood there otherwise than here."""
        ...
    @property
    def gone(self) -> int:
        """How many were approved here and are not there any more. They are kept as `DELETED` and not sent."""
        ...
    @property
    def unread(self) -> list[UnreadTemplate]:
        """Those whose definition conek cannot keep. Status, category and quality are kept of those that are known here."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Token:
    """A keyed fingerprint by which a record can be found, for example of a phone number."""
    def __new__(cls, name: str, value: str, *, unique: bool = False) -> Token: ...
    @property
    def name(self) -> str:
        """What was fingerprinted, for example `phone`."""
        ...
    @property
    def value(self) -> str:
        """The fingerprint: text that only the holder of the key could have made."""
        ...
    @property
    def unique(self) -> bool:
        """Whether at most one record of the account and kind may hold it."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class TrackingChoices:
    """What a visitor chose. Everything left out is denied; what is essential needs no choice."""
    def __new__(cls, *, functional: bool = False, analytics: bool = False, marketing: bool = False) -> TrackingChoices: ...
    @property
    def functional(self) -> bool:
        """Remembering how the visitor likes things."""
        ...
    @property
    def analytics(self) -> bool:
        """Counting and measuring."""
        ...
    @property
    def marketing(self) -> bool:
        """Advertising, here and elsewhere."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class TrackingPreference:
    """A visitor's choice as it was recorded."""
    def __new__(cls, choices: TrackingChoices, *, at: datetime | None = None, notice: str | None = None) -> TrackingPreference: ...
    @property
    def choices(self) -> TrackingChoices:
        """What they chose."""
        ...
    @property
    def at(self) -> datetime | None:
        """When; `None` for a visitor who has not chosen."""
        ...
    @property
    def notice(self) -> str | None:
        """The notice that they had before them."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Transfer:
    """An entry of the register of transfers."""
    def __new__(cls, id: str, recipient: str, facts: TransferFacts, entered_at: datetime, decision: TransferDecision, *, categories: Sequence[str] = ..., assessment: str | None = None, review_by: datetime | None = None) -> Transfer: ...
    @property
    def id(self) -> str:
        """Its id."""
        ...
    @property
    def recipient(self) -> str:
        """Who gets the data there."""
        ...
    @property
    def facts(self) -> TransferFacts:
        """What is known of it."""
        ...
    @property
    def categories(self) -> list[str]:
        """Which kinds of data."""
        ...
    @property
    def assessment(self) -> str | None:
        """Where the assessment of the country's law is kept."""
        ...
    @property
    def review_by(self) -> datetime | None:
        """When it wants to be looked at again."""
        ...
    @property
    def entered_at(self) -> datetime:
        """When it was entered."""
        ...
    @property
    def decision(self) -> TransferDecision:
        """Whether it may go on today: mechanisms come and go."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class TransferFacts:
    """What is known of a transfer. Everything left out is unknown, and unknown never allows."""
    def __new__(cls, *, exporter: str | None = None, importer: str | None = None, regimes: Sequence[Regime] = ..., mechanism: TransferMechanism | None = None, evidence: str | None = None, assessed: bool = False, recipient_covered: bool = False, onward_protected: bool = False, consented: bool = False, informed_of_risks: bool = False, repeated: bool = False, special: bool = False, authorised: bool = False) -> TransferFacts: ...
    @property
    def exporter(self) -> str | None:
        """The country the data leave, ISO 3166-1 alpha-2."""
        ...
    @property
    def importer(self) -> str | None:
        """The country they go to."""
        ...
    @property
    def regimes(self) -> list[Regime]:
        """The laws that bind the exporter. Empty: that of its country; both, where that is unknown or another."""
        ...
    @property
    def mechanism(self) -> TransferMechanism | None:
        """What it rests on."""
        ...
    @property
    def evidence(self) -> str | None:
        """Where the proof is: the contract, the approved rules, the certificate, the assessment of the law."""
        ...
    @property
    def assessed(self) -> bool:
        """
        Whether the law of the importing country was assessed for what would undo the safeguard
        (C-311/18, Schrems II).
        """
        ...
    @property
    def recipient_covered(self) -> bool:
        """
        Whether the recipient is one that a decision in part covers: certified under the Data Privacy Framework, a
        commercial organisation in Canada.
        """
        ...
    @property
    def onward_protected(self) -> bool:
        """Whether the recipient is bound to pass the data on under the same protection only (POPIA s72(1)(a)(ii))."""
        ...
    @property
    def consented(self) -> bool:
        """Whether the person consented to this transfer, explicitly."""
        ...
    @property
    def informed_of_risks(self) -> bool:
        """Whether they had been told its risks (GDPR 49(1)(a))."""
        ...
    @property
    def repeated(self) -> bool:
        """Whether it is made again and again, not occasionally."""
        ...
    @property
    def special(self) -> bool:
        """Whether special personal information, or that of children, is in it (POPIA s57(1)(d))."""
        ...
    @property
    def authorised(self) -> bool:
        """Whether the Information Regulator has authorised it (POPIA s57, s58)."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class UnmigratedFlow:
    """A flow that was not copied."""
    def __new__(cls, name: str, *, code: int | None = None) -> UnmigratedFlow: ...
    @property
    def name(self) -> str:
        """Its name."""
        ...
    @property
    def code(self) -> int | None:
        """WhatsApp's code, for example 4233041 for a name that the other account does not have."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class UnmigratedTemplate:
    """A template that was not copied."""
    def __new__(cls, id: str, reason: str) -> UnmigratedTemplate: ...
    @property
    def id(self) -> str:
        """Its id in the other account."""
        ...
    @property
    def reason(self) -> str:
        """Why, in WhatsApp's words: for example `Incorrect category`."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class UnreadTemplate:
    """A template at WhatsApp whose definition conek cannot keep."""
    def __new__(cls, name: str, language: str, status: str, detail: str) -> UnreadTemplate: ...
    @property
    def name(self) -> str:
        """Its name."""
        ...
    @property
    def language(self) -> str:
        """Its language."""
        ...
    @property
    def status(self) -> str:
        """Its status."""
        ...
    @property
    def detail(self) -> str:
        """Why, in words."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Upload:
    """A file for people's phones. `Debug` shows neither its name nor its bytes."""
    def __new__(cls, sender: str, mime: str, filename: str, bytes: bytes) -> Upload: ...
    @property
    def sender(self) -> str:
        """The phone number id that will send it."""
        ...
    @property
    def mime(self) -> str:
        """Its type, for example `image/jpeg`."""
        ...
    @property
    def filename(self) -> str:
        """Its name."""
        ...
    @property
    def bytes(self) -> bytes:
        """Its bytes."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Verification:
    """What a storage found when it looked at itself."""
    def __new__(cls, records: int, *, problems: Sequence[str] = ...) -> Verification: ...
    @property
    def records(self) -> int:
        """How many records there are."""
        ...
    @property
    def problems(self) -> list[str]:
        """What is wrong, one sentence each, without personal data. Empty means sound."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class WebhookCallback:
    """Another address for webhooks than the app's own. `Debug` does not show the token."""
    def __new__(cls, url: str, verify_token: str) -> WebhookCallback: ...
    @property
    def url(self) -> str:
        """The address, `https://...`. WhatsApp calls it with a challenge before it takes it."""
        ...
    @property
    def verify_token(self) -> str:
        """The word that the challenge brings: what `Config.whatsapp.verify_token` has, where conek answers it."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class WebhookRequest:
    """A webhook as the host's HTTP server received it."""
    def __new__(cls, body: bytes, *, headers: dict[str, str] = ...) -> WebhookRequest: ...
    @property
    def headers(self) -> dict[str, str]:
        """Header names (any case) and values."""
        ...
    @property
    def body(self) -> bytes:
        """The raw bytes, before any decoding."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class WhatsAppAccess:
    """Access to the WhatsApp Cloud API."""
    def __new__(cls, access_token: str, verify_token: str, *, app_secrets: Sequence[str] = ..., base_url: str | None = None, graph_version: str | None = None, extra_roots_pem: str | None = None) -> WhatsAppAccess: ...
    @property
    def access_token(self) -> str:
        """The system user's token. Goes into the Authorization header and nowhere else."""
        ...
    @property
    def app_secrets(self) -> list[str]:
        """The app's secret; several while it is being changed. Webhooks are checked against each."""
        ...
    @property
    def verify_token(self) -> str:
        """What Meta sends back when it verifies the webhook's address."""
        ...
    @property
    def base_url(self) -> str | None:
        """Another address of the API, for example a simulator on loopback."""
        ...
    @property
    def graph_version(self) -> str | None:
        """The Graph API's version; `v25.0` if missing."""
        ...
    @property
    def extra_roots_pem(self) -> str | None:
        """Certificates in PEM to trust beside the public roots, for an address of your own."""
        ...
    def __replace__(self, **changes: Any) -> Self: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

class AccountEvent:
    """What happened to the business account (Meta: `account_update`, where nothing else is named)."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Restricted(AccountEvent):
        """It may not do some things for a while (`ACCOUNT_RESTRICTION`)."""
        __match_args__ = ("restrictions",)
        def __new__(cls, *, restrictions: Sequence[AccountRestriction] = ...) -> AccountEvent.Restricted: ...
        @property
        def restrictions(self) -> list[AccountRestriction]:
            """What, and until when."""
            ...
    @final
    class Banned(AccountEvent):
        """It was disabled, will be, or works again (`DISABLED_UPDATE`)."""
        __match_args__ = ("state", "date",)
        def __new__(cls, state: str, *, date: str | None = None) -> AccountEvent.Banned: ...
        @property
        def state(self) -> str:
            """`DISABLE`, `SCHEDULE_FOR_DISABLE` or `REINSTATE`."""
            ...
        @property
        def date(self) -> str | None:
            """Since when, in WhatsApp's words."""
            ...
    @final
    class Violation(AccountEvent):
        """It broke a policy (`ACCOUNT_VIOLATION`)."""
        __match_args__ = ("kind", "remediation",)
        def __new__(cls, *, kind: str | None = None, remediation: str | None = None) -> AccountEvent.Violation: ...
        @property
        def kind(self) -> str | None:
            """Which, for example `ADULT`."""
            ...
        @property
        def remediation(self) -> str | None:
            """What can be done about it."""
            ...
    @final
    class Deleted(AccountEvent):
        """It is deleted (`ACCOUNT_DELETED`)."""
        __match_args__ = ()
        def __new__(cls) -> AccountEvent.Deleted: ...
    @final
    class Offboarded(AccountEvent):
        """The WhatsApp Business app was set up anew, and the account is off the Cloud API (`ACCOUNT_OFFBOARDED`)."""
        __match_args__ = ()
        def __new__(cls) -> AccountEvent.Offboarded: ...
    @final
    class Reconnected(AccountEvent):
        """It is back after that (`ACCOUNT_RECONNECTED`)."""
        __match_args__ = ()
        def __new__(cls) -> AccountEvent.Reconnected: ...
    @final
    class Verified(AccountEvent):
        """A test account became a verified one (`VERIFIED_ACCOUNT`)."""
        __match_args__ = ()
        def __new__(cls) -> AccountEvent.Verified: ...
    @final
    class Reviewed(AccountEvent):
        """It was reviewed against the policies (Meta: `account_review_update`)."""
        __match_args__ = ("decision",)
        def __new__(cls, decision: str) -> AccountEvent.Reviewed: ...
        @property
        def decision(self) -> str:
            """`APPROVED`, `REJECTED`, `PENDING` or `DEFERRED`."""
            ...
    @final
    class Alert(AccountEvent):
        """Something wants attention: a limit that is not raised, a picture that is lost (Meta: `account_alerts`)."""
        __match_args__ = ("entity_kind", "entity", "kind", "severity", "status", "description",)
        def __new__(cls, *, entity_kind: str | None = None, entity: str | None = None, kind: str | None = None, severity: str | None = None, status: str | None = None, description: str | None = None) -> AccountEvent.Alert: ...
        @property
        def entity_kind(self) -> str | None:
            """`BUSINESS`, `PHONE_NUMBER` or `CURRENT_STATUS_ID`."""
            ...
        @property
        def entity(self) -> str | None:
            """Its id."""
            ...
        @property
        def kind(self) -> str | None:
            """For example `INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED`."""
            ...
        @property
        def severity(self) -> str | None:
            """`CRITICAL`, `WARNING` or `INFORMATIONAL`."""
            ...
        @property
        def status(self) -> str | None:
            """`ACTIVE` or `NONE`."""
            ...
        @property
        def description(self) -> str | None:
            """WhatsApp's words."""
            ...
    @final
    class Capability(AccountEvent):
        """What the business may do changed (Meta: `business_capability_update`)."""
        __match_args__ = ("messaging_limit", "numbers_per_business", "numbers_per_account",)
        def __new__(cls, *, messaging_limit: str | None = None, numbers_per_business: int | None = None, numbers_per_account: int | None = None) -> AccountEvent.Capability: ...
        @property
        def messaging_limit(self) -> str | None:
            """How many people it may write to first within 24 hours: `TIER_2K`, `2000`, ...; `-1` is no limit."""
            ...
        @property
        def numbers_per_business(self) -> int | None:
            """How many numbers the business may have."""
            ...
        @property
        def numbers_per_account(self) -> int | None:
            """How many numbers one account may have."""
            ...
    @final
    class Partner(AccountEvent):
        """A partner was let in or out (`PARTNER_ADDED`, `PARTNER_APP_INSTALLED`, `AD_ACCOUNT_LINKED`, ...)."""
        __match_args__ = ("event", "info",)
        def __new__(cls, event: str, info: PartnerInfo) -> AccountEvent.Partner: ...
        @property
        def event(self) -> str:
            """WhatsApp's word for it."""
            ...
        @property
        def info(self) -> PartnerInfo:
            """Whom it concerns."""
            ...
    @final
    class Certified(AccountEvent):
        """A partner's verification of the business came to something (`PARTNER_CLIENT_CERTIFICATION_*`)."""
        __match_args__ = ("status", "business", "reasons",)
        def __new__(cls, status: str, *, business: str | None = None, reasons: Sequence[str] = ...) -> AccountEvent.Certified: ...
        @property
        def business(self) -> str | None:
            """The business portfolio."""
            ...
        @property
        def status(self) -> str:
            """`APPROVED`, `FAILED`, `PENDING`, `DISCARDED` or `REVOKED`; `NEEDED` where it has to be begun."""
            ...
        @property
        def reasons(self) -> list[str]:
            """Why it failed."""
            ...
    @final
    class PricingTier(AccountEvent):
        """Messages cost less from a volume on (`VOLUME_BASED_PRICING_TIER_UPDATE`)."""
        __match_args__ = ("category", "tier", "region", "month", "at",)
        def __new__(cls, *, category: str | None = None, tier: str | None = None, region: str | None = None, month: str | None = None, at: datetime | None = None) -> AccountEvent.PricingTier: ...
        @property
        def category(self) -> str | None:
            """`UTILITY` or `AUTHENTICATION`."""
            ...
        @property
        def tier(self) -> str | None:
            """The volume, for example `25000001:50000000`."""
            ...
        @property
        def region(self) -> str | None:
            """The country or region of the recipients."""
            ...
        @property
        def month(self) -> str | None:
            """The month, `YYYY-MM`."""
            ...
        @property
        def at(self) -> datetime | None:
            """Since when."""
            ...
    @final
    class AuthenticationRates(AccountEvent):
        """Codes to other countries cost the international rate (`AUTH_INTL_PRICE_ELIGIBILITY_UPDATE`)."""
        __match_args__ = ("starts_at", "exceptions",)
        def __new__(cls, *, starts_at: datetime | None = None, exceptions: Sequence[RateException] = ...) -> AccountEvent.AuthenticationRates: ...
        @property
        def starts_at(self) -> datetime | None:
            """From when."""
            ...
        @property
        def exceptions(self) -> list[RateException]:
            """Countries with a moment of their own."""
            ...
    @final
    class Location(AccountEvent):
        """Where WhatsApp holds the business to be (`BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE`)."""
        __match_args__ = ("country",)
        def __new__(cls, country: str) -> AccountEvent.Location: ...
        @property
        def country(self) -> str:
            """ISO 3166-1 alpha-2."""
            ...
    @final
    class PaymentConfiguration(AccountEvent):
        """A way to be paid changed (Meta: `payment_configuration_update`; India and Brazil)."""
        __match_args__ = ("name", "provider", "merchant", "status", "at",)
        def __new__(cls, name: str, *, provider: str | None = None, merchant: str | None = None, status: str | None = None, at: datetime | None = None) -> AccountEvent.PaymentConfiguration: ...
        @property
        def name(self) -> str:
            """Its name."""
            ...
        @property
        def provider(self) -> str | None:
            """Who pays out."""
            ...
        @property
        def merchant(self) -> str | None:
            """The merchant's id there."""
            ...
        @property
        def status(self) -> str | None:
            """`Active`, `Needs Connecting` or `Needs Testing`."""
            ...
        @property
        def at(self) -> datetime | None:
            """When it was changed."""
            ...
    @final
    class Solution(AccountEvent):
        """A solution of several partners changed (Meta: `partner_solutions`)."""
        __match_args__ = ("event", "solution", "status",)
        def __new__(cls, event: str, solution: str, *, status: str | None = None) -> AccountEvent.Solution: ...
        @property
        def event(self) -> str:
            """`SOLUTION_CREATED` or `SOLUTION_UPDATED`."""
            ...
        @property
        def solution(self) -> str:
            """Its id."""
            ...
        @property
        def status(self) -> str | None:
            """`ACTIVE`, `DRAFT`, `INITIATED`, `REJECTED`, `PENDING_DEACTIVATION` or `DEACTIVATED`."""
            ...
    @final
    class Other(AccountEvent):
        """An event that conek knows no type for."""
        __match_args__ = ("event", "json",)
        def __new__(cls, event: str, json: str) -> AccountEvent.Other: ...
        @property
        def event(self) -> str:
            """WhatsApp's word for it."""
            ...
        @property
        def json(self) -> str:
            """The update as JSON."""
            ...

class Address:
    """Which identifier of a person a message is addressed by. `Debug` does not show it."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Phone(Address):
        """A phone number in E.164, with `+`."""
        __match_args__ = ("number",)
        def __new__(cls, number: str) -> Address.Phone: ...
        @property
        def number(self) -> str:
            """The number."""
            ...
    @final
    class Bsuid(Address):
        """A business-scoped user id, or a parent's."""
        __match_args__ = ("id",)
        def __new__(cls, id: str) -> Address.Bsuid: ...
        @property
        def id(self) -> str:
            """The id."""
            ...

class AgeEvidence:
    """How a person's age is known."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Declared(AgeEvidence):
        """The person said how old they are."""
        __match_args__ = ("years",)
        def __new__(cls, years: int) -> AgeEvidence.Declared: ...
        @property
        def years(self) -> int:
            """In years, on the day it was said."""
            ...
    @final
    class BirthDate(AgeEvidence):
        """The day of birth."""
        __match_args__ = ("date",)
        def __new__(cls, date: str) -> AgeEvidence.BirthDate: ...
        @property
        def date(self) -> str:
            """`YYYY-MM-DD`."""
            ...

class AppEvent:
    """What happened in the WhatsApp Business app. `Debug` shows which, and no content."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Sent(AppEvent):
        """The business wrote to a person in the app, edited or took back what it wrote (Meta: `smb_message_echoes`)."""
        __match_args__ = ("wamid", "said",)
        def __new__(cls, wamid: str, said: Reply) -> AppEvent.Sent: ...
        @property
        def wamid(self) -> str:
            """WhatsApp's id of the message."""
            ...
        @property
        def said(self) -> Reply:
            """What it says."""
            ...
    @final
    class Contact(AppEvent):
        """The app's address book changed (Meta: `smb_app_state_sync`). No contact is made of it."""
        __match_args__ = ("name", "first_name", "username", "removed",)
        def __new__(cls, *, name: str | None = None, first_name: str | None = None, username: str | None = None, removed: bool = False) -> AppEvent.Contact: ...
        @property
        def name(self) -> str | None:
            """The name in it."""
            ...
        @property
        def first_name(self) -> str | None:
            """The first name in it."""
            ...
        @property
        def username(self) -> str | None:
            """The person's username."""
            ...
        @property
        def removed(self) -> bool:
            """Whether the entry was taken out."""
            ...
    @final
    class History(AppEvent):
        """Chats from before the number was connected (Meta: `history`). They open no window and are no messages of ours."""
        __match_args__ = ("phase", "chunk", "progress", "chats", "code",)
        def __new__(cls, *, phase: int | None = None, chunk: int | None = None, progress: int | None = None, chats: Sequence[HistoryChat] = ..., code: int | None = None) -> AppEvent.History: ...
        @property
        def phase(self) -> int | None:
            """`0`: the last day; `1`: the last 90 days; `2`: the last 180."""
            ...
        @property
        def chunk(self) -> int | None:
            """The place of this piece within the phase; pieces come in any order."""
            ...
        @property
        def progress(self) -> int | None:
            """How much was told, in percent."""
            ...
        @property
        def chats(self) -> list[HistoryChat]:
            """The chats."""
            ...
        @property
        def code(self) -> int | None:
            """The error code, for example 2593109: the business shares no history."""
            ...
    @final
    class HistoryFile(AppEvent):
        """The file of a message of those chats."""
        __match_args__ = ("message",)
        def __new__(cls, message: HistoryMessage) -> AppEvent.HistoryFile: ...
        @property
        def message(self) -> HistoryMessage:
            """The message."""
            ...

class Audience:
    """Who is meant."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Everyone(Audience):
        """Every contact."""
        __match_args__ = ()
        def __new__(cls) -> Audience.Everyone: ...
    @final
    class Attribute(Audience):
        """Contacts whose attribute has this value."""
        __match_args__ = ("name", "value",)
        def __new__(cls, name: str, value: str) -> Audience.Attribute: ...
        @property
        def name(self) -> str:
            """The attribute."""
            ...
        @property
        def value(self) -> str:
            """Its value."""
            ...
    @final
    class Import(Audience):
        """Whom this import created or brought up to date, and no later import has."""
        __match_args__ = ("id",)
        def __new__(cls, id: str) -> Audience.Import: ...
        @property
        def id(self) -> str:
            """The import's id, as its report tells it."""
            ...
    @final
    class People(Audience):
        """These contacts."""
        __match_args__ = ("ids",)
        def __new__(cls, *, ids: Sequence[str] = ...) -> Audience.People: ...
        @property
        def ids(self) -> list[str]:
            """Their ids."""
            ...

class ButtonDefinition:
    """A button of a template. What it says has at most 25 characters."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class QuickReply(ButtonDefinition):
        """A quick reply. A send may give it a payload."""
        __match_args__ = ("text",)
        def __new__(cls, text: str) -> ButtonDefinition.QuickReply: ...
        @property
        def text(self) -> str:
            """What it says, and what comes back where no payload was given."""
            ...
    @final
    class Url(ButtonDefinition):
        """Opens an address. A send gives the end of it where there is a placeholder."""
        __match_args__ = ("text", "url",)
        def __new__(cls, text: str, url: str) -> ButtonDefinition.Url: ...
        @property
        def text(self) -> str:
            """What it says."""
            ...
        @property
        def url(self) -> str:
            """At most 2,000 characters, with at most one placeholder, at its end."""
            ...
    @final
    class PhoneNumber(ButtonDefinition):
        """Calls a phone number."""
        __match_args__ = ("text", "number",)
        def __new__(cls, text: str, number: str) -> ButtonDefinition.PhoneNumber: ...
        @property
        def text(self) -> str:
            """What it says."""
            ...
        @property
        def number(self) -> str:
            """The number."""
            ...
    @final
    class CopyCode(ButtonDefinition):
        """Copies a code of at most 15 letters and digits, which every send gives."""
        __match_args__ = ()
        def __new__(cls) -> ButtonDefinition.CopyCode: ...
    @final
    class OneTimePassword(ButtonDefinition):
        """Hands a one-time password over: copied, or filled in by the app. Every send gives it, as the end of an address."""
        __match_args__ = ()
        def __new__(cls) -> ButtonDefinition.OneTimePassword: ...
    @final
    class Flow(ButtonDefinition):
        """Opens a form. A send may give it a token and data."""
        __match_args__ = ("text",)
        def __new__(cls, text: str) -> ButtonDefinition.Flow: ...
        @property
        def text(self) -> str:
            """What it says."""
            ...
    @final
    class Catalog(ButtonDefinition):
        """Opens the catalog. A send may say which product's picture is shown."""
        __match_args__ = ("text",)
        def __new__(cls, text: str) -> ButtonDefinition.Catalog: ...
        @property
        def text(self) -> str:
            """What it says."""
            ...
    @final
    class Products(ButtonDefinition):
        """Offers products, which every send names (a multi-product message, `MPM`)."""
        __match_args__ = ("text",)
        def __new__(cls, text: str) -> ButtonDefinition.Products: ...
        @property
        def text(self) -> str:
            """What it says."""
            ...
    @final
    class Product(ButtonDefinition):
        """Opens the card's own product (`SPM`)."""
        __match_args__ = ("text",)
        def __new__(cls, text: str) -> ButtonDefinition.Product: ...
        @property
        def text(self) -> str:
            """What it says."""
            ...
    @final
    class VoiceCall(ButtonDefinition):
        """Calls the business. A send may say how long that works."""
        __match_args__ = ("text",)
        def __new__(cls, text: str) -> ButtonDefinition.VoiceCall: ...
        @property
        def text(self) -> str:
            """What it says."""
            ...
    @final
    class OrderDetails(ButtonDefinition):
        """Reviews and pays an order, which every send gives."""
        __match_args__ = ("text",)
        def __new__(cls, text: str) -> ButtonDefinition.OrderDetails: ...
        @property
        def text(self) -> str:
            """What it says."""
            ...
    @final
    class Other(ButtonDefinition):
        """A button that takes no value and that conek has no type for."""
        __match_args__ = ("text",)
        def __new__(cls, text: str) -> ButtonDefinition.Other: ...
        @property
        def text(self) -> str:
            """What it says."""
            ...

class CallEvent:
    """What happened to a call."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Connect(CallEvent):
        """A person calls, with an offer; or the answer to the offer with which the business called them."""
        __match_args__ = ("by_business", "session",)
        def __new__(cls, *, by_business: bool = False, session: CallSession | None = None) -> CallEvent.Connect: ...
        @property
        def by_business(self) -> bool:
            """Whether the business called."""
            ...
        @property
        def session(self) -> CallSession | None:
            """The offer or the answer."""
            ...
    @final
    class Ringing(CallEvent):
        """It rings on the phone of the person whom the business called."""
        __match_args__ = ()
        def __new__(cls) -> CallEvent.Ringing: ...
    @final
    class Accepted(CallEvent):
        """They took the call."""
        __match_args__ = ()
        def __new__(cls) -> CallEvent.Accepted: ...
    @final
    class Rejected(CallEvent):
        """They did not take it."""
        __match_args__ = ()
        def __new__(cls) -> CallEvent.Rejected: ...
    @final
    class Terminate(CallEvent):
        """It is over."""
        __match_args__ = ("by_business", "completed", "started_at", "ended_at", "seconds", "tracking", "code",)
        def __new__(cls, *, by_business: bool = False, completed: bool = False, started_at: datetime | None = None, ended_at: datetime | None = None, seconds: int | None = None, tracking: str | None = None, code: int | None = None) -> CallEvent.Terminate: ...
        @property
        def by_business(self) -> bool:
            """Whether the business called."""
            ...
        @property
        def completed(self) -> bool:
            """Whether it took place; otherwise nobody took it, or it failed."""
            ...
        @property
        def started_at(self) -> datetime | None:
            """When it was taken."""
            ...
        @property
        def ended_at(self) -> datetime | None:
            """When it ended."""
            ...
        @property
        def seconds(self) -> int | None:
            """How long it was, in seconds."""
            ...
        @property
        def tracking(self) -> str | None:
            """What the business gave the call to carry."""
            ...
        @property
        def code(self) -> int | None:
            """The error code of a failure."""
            ...

class CardAction:
    """What a card of a carousel does when it is tapped. All cards of one carousel do the same."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Url(CardAction):
        """Opens an address."""
        __match_args__ = ("button", "url",)
        def __new__(cls, button: str, url: str) -> CardAction.Url: ...
        @property
        def button(self) -> str:
            """What the button says; at most 20 characters."""
            ...
        @property
        def url(self) -> str:
            """The address, at most 2,000 characters."""
            ...
    @final
    class Replies(CardAction):
        """One to three quick replies, as many on each card."""
        __match_args__ = ("buttons",)
        def __new__(cls, *, buttons: Sequence[Button] = ...) -> CardAction.Replies: ...
        @property
        def buttons(self) -> list[Button]:
            """The replies."""
            ...

class Committed:
    """What became of a batch."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Done(Committed):
        """All of it is stored."""
        __match_args__ = ("appended",)
        def __new__(cls, *, appended: Sequence[str] = ...) -> Committed.Done: ...
        @property
        def appended(self) -> list[str]:
            """The ids given to its `Append` steps, in order."""
            ...
    @final
    class Conflict(Committed):
        """None of it is stored: `write` is the index of the step that did not fit."""
        __match_args__ = ("write", "reason",)
        def __new__(cls, write: int, reason: str) -> Committed.Conflict: ...
        @property
        def write(self) -> int:
            """Index into the batch's writes."""
            ...
        @property
        def reason(self) -> str:
            """`exists`, `version` or `token:<name>`."""
            ...

class Content:
    """
    What a message says. Everything but a template is free text in the law's and WhatsApp's sense: it leaves only
    within 24 hours of the person's last message.
    """
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Text(Content):
        """Free text, at most 4,096 characters. Only within 24 hours of the person's last message."""
        __match_args__ = ("body", "preview_url",)
        def __new__(cls, body: str, *, preview_url: bool = False) -> Content.Text: ...
        @property
        def body(self) -> str:
            """The text."""
            ...
        @property
        def preview_url(self) -> bool:
            """Whether WhatsApp shows a preview of the first link."""
            ...
    @final
    class Template(Content):
        """An approved template. Its values are checked against the definition that `templates.put` stored."""
        __match_args__ = ("name", "language", "header", "body", "buttons", "cards", "offer_ends_at",)
        def __new__(cls, name: str, language: str, *, header: Header | None = None, body: Sequence[Parameter] = ..., buttons: Sequence[TemplateButton] = ..., cards: Sequence[TemplateCard] = ..., offer_ends_at: datetime | None = None) -> Content.Template: ...
        @property
        def name(self) -> str:
            """Its name."""
            ...
        @property
        def language(self) -> str:
            """Its language, for example `en` or `pt_BR`."""
            ...
        @property
        def header(self) -> Header | None:
            """The header, where the template has one that takes a value."""
            ...
        @property
        def body(self) -> list[Parameter]:
            """The body's placeholders."""
            ...
        @property
        def buttons(self) -> list[TemplateButton]:
            """The buttons that take a value."""
            ...
        @property
        def cards(self) -> list[TemplateCard]:
            """The cards, where the template has a carousel: all of them, in order."""
            ...
        @property
        def offer_ends_at(self) -> datetime | None:
            """When the offer ends, where the template has a limited-time offer that counts down."""
            ...
    @final
    class Image(Content):
        """A picture: JPEG or PNG, at most 5 MB."""
        __match_args__ = ("media", "caption",)
        def __new__(cls, media: Media, *, caption: str | None = None) -> Content.Image: ...
        @property
        def media(self) -> Media:
            """The picture."""
            ...
        @property
        def caption(self) -> str | None:
            """At most 1,024 characters."""
            ...
    @final
    class Video(Content):
        """A film: MP4 or 3GP with H.264 and AAC, at most 16 MB."""
        __match_args__ = ("media", "caption",)
        def __new__(cls, media: Media, *, caption: str | None = None) -> Content.Video: ...
        @property
        def media(self) -> Media:
            """The film."""
            ...
        @property
        def caption(self) -> str | None:
            """At most 1,024 characters."""
            ...
    @final
    class Audio(Content):
        """A recording: AAC, AMR, MP3, M4A or OGG, at most 16 MB."""
        __match_args__ = ("media", "voice",)
        def __new__(cls, media: Media, *, voice: bool = False) -> Content.Audio: ...
        @property
        def media(self) -> Media:
            """The recording."""
            ...
        @property
        def voice(self) -> bool:
            """Whether it is shown as a voice message: OGG with Opus, mono, only."""
            ...
    @final
    class Document(Content):
        """A file, at most 100 MB."""
        __match_args__ = ("media", "caption", "filename",)
        def __new__(cls, media: Media, *, caption: str | None = None, filename: str | None = None) -> Content.Document: ...
        @property
        def media(self) -> Media:
            """The file."""
            ...
        @property
        def caption(self) -> str | None:
            """At most 1,024 characters."""
            ...
        @property
        def filename(self) -> str | None:
            """Its name on the phone."""
            ...
    @final
    class Sticker(Content):
        """A sticker: WebP, at most 100 KB, or 500 KB if it moves."""
        __match_args__ = ("media",)
        def __new__(cls, media: Media) -> Content.Sticker: ...
        @property
        def media(self) -> Media:
            """The sticker."""
            ...
    @final
    class Location(Content):
        """A place on the map."""
        __match_args__ = ("place",)
        def __new__(cls, place: Place) -> Content.Location: ...
        @property
        def place(self) -> Place:
            """The place."""
            ...
    @final
    class Contacts(Content):
        """One to 257 contact cards."""
        __match_args__ = ("contacts",)
        def __new__(cls, *, contacts: Sequence[ContactCard] = ...) -> Content.Contacts: ...
        @property
        def contacts(self) -> list[ContactCard]:
            """The cards."""
            ...
    @final
    class Buttons(Content):
        """Text with one to three quick replies."""
        __match_args__ = ("body", "header", "footer", "buttons",)
        def __new__(cls, body: str, *, header: Header | None = None, footer: str | None = None, buttons: Sequence[Button] = ...) -> Content.Buttons: ...
        @property
        def body(self) -> str:
            """At most 1,024 characters."""
            ...
        @property
        def header(self) -> Header | None:
            """What stands above: text, a picture, a film or a document."""
            ...
        @property
        def footer(self) -> str | None:
            """At most 60 characters."""
            ...
        @property
        def buttons(self) -> list[Button]:
            """One to three, with different ids and titles."""
            ...
    @final
    class List(Content):
        """Text with a list to choose from."""
        __match_args__ = ("body", "button", "header", "footer", "sections",)
        def __new__(cls, body: str, button: str, *, header: str | None = None, footer: str | None = None, sections: Sequence[ListSection] = ...) -> Content.List: ...
        @property
        def body(self) -> str:
            """At most 1,024 characters (Meta allows 4,096 in lists on some versions; conek keeps the lower)."""
            ...
        @property
        def header(self) -> str | None:
            """At most 60 characters."""
            ...
        @property
        def footer(self) -> str | None:
            """At most 60 characters."""
            ...
        @property
        def button(self) -> str:
            """What opens the list; at most 20 characters."""
            ...
        @property
        def sections(self) -> list[ListSection]:
            """One to ten sections with at most ten rows in all."""
            ...
    @final
    class UrlButton(Content):
        """Text with a button that opens an address (`cta_url`)."""
        __match_args__ = ("body", "button", "url", "header", "footer",)
        def __new__(cls, body: str, button: str, url: str, *, header: Header | None = None, footer: str | None = None) -> Content.UrlButton: ...
        @property
        def body(self) -> str:
            """At most 1,024 characters."""
            ...
        @property
        def header(self) -> Header | None:
            """What stands above: text, a picture, a film or a document."""
            ...
        @property
        def footer(self) -> str | None:
            """At most 60 characters."""
            ...
        @property
        def button(self) -> str:
            """What the button says; at most 20 characters."""
            ...
        @property
        def url(self) -> str:
            """The address, at most 2,000 characters."""
            ...
    @final
    class Flow(Content):
        """Text with a button that opens a form (WhatsApp Flows)."""
        __match_args__ = ("body", "flow", "button", "start", "header", "footer", "token", "draft",)
        def __new__(cls, body: str, flow: FlowRef, button: str, start: FlowStart, *, header: Header | None = None, footer: str | None = None, token: str | None = None, draft: bool = False) -> Content.Flow: ...
        @property
        def body(self) -> str:
            """At most 1,024 characters."""
            ...
        @property
        def header(self) -> Header | None:
            """What stands above: text, a picture, a film or a document."""
            ...
        @property
        def footer(self) -> str | None:
            """At most 60 characters."""
            ...
        @property
        def flow(self) -> FlowRef:
            """Which form."""
            ...
        @property
        def button(self) -> str:
            """What the button says; at most 20 characters (Meta says 30 and shows 20)."""
            ...
        @property
        def token(self) -> str | None:
            """Comes back with the answers; at most 1,024 characters. `unused` if missing."""
            ...
        @property
        def start(self) -> FlowStart:
            """How the form begins."""
            ...
        @property
        def draft(self) -> bool:
            """Whether the form is still a draft, which only test numbers are shown."""
            ...
    @final
    class LocationRequest(Content):
        """Text with a button that sends the person's location."""
        __match_args__ = ("body",)
        def __new__(cls, body: str) -> Content.LocationRequest: ...
        @property
        def body(self) -> str:
            """At most 1,024 characters."""
            ...
    @final
    class ContactInfoRequest(Content):
        """Text with a button that shares the person's phone number: of somebody who is known by a BSUID only."""
        __match_args__ = ("body",)
        def __new__(cls, body: str) -> Content.ContactInfoRequest: ...
        @property
        def body(self) -> str:
            """At most 1,024 characters."""
            ...
    @final
    class CallPermissionRequest(Content):
        """Asks whether the business may call."""
        __match_args__ = ("body",)
        def __new__(cls, body: str) -> Content.CallPermissionRequest: ...
        @property
        def body(self) -> str:
            """At most 1,024 characters."""
            ...
    @final
    class VoiceCall(Content):
        """Text with a button that calls the business."""
        __match_args__ = ("body", "button", "ttl_minutes", "payload",)
        def __new__(cls, body: str, *, button: str | None = None, ttl_minutes: int | None = None, payload: str | None = None) -> Content.VoiceCall: ...
        @property
        def body(self) -> str:
            """At most 1,024 characters."""
            ...
        @property
        def button(self) -> str | None:
            """What the button says; at most 20 characters, `Call Now` if missing."""
            ...
        @property
        def ttl_minutes(self) -> int | None:
            """How long the button works, 1 to 43,200 minutes; 10,080 (7 days) if missing."""
            ...
        @property
        def payload(self) -> str | None:
            """Comes back with the call; at most 512 characters."""
            ...
    @final
    class Product(Content):
        """One product of a catalog."""
        __match_args__ = ("catalog_id", "product_id", "body", "footer",)
        def __new__(cls, catalog_id: str, product_id: str, *, body: str | None = None, footer: str | None = None) -> Content.Product: ...
        @property
        def body(self) -> str | None:
            """At most 1,024 characters."""
            ...
        @property
        def footer(self) -> str | None:
            """At most 60 characters."""
            ...
        @property
        def catalog_id(self) -> str:
            """Meta's id of the catalog."""
            ...
        @property
        def product_id(self) -> str:
            """The product's id in the catalog."""
            ...
    @final
    class ProductList(Content):
        """Up to 30 products of a catalog."""
        __match_args__ = ("header", "body", "catalog_id", "footer", "sections",)
        def __new__(cls, header: str, body: str, catalog_id: str, *, footer: str | None = None, sections: Sequence[ProductSection] = ...) -> Content.ProductList: ...
        @property
        def header(self) -> str:
            """What stands above; at most 60 characters."""
            ...
        @property
        def body(self) -> str:
            """At most 1,024 characters."""
            ...
        @property
        def footer(self) -> str | None:
            """At most 60 characters."""
            ...
        @property
        def catalog_id(self) -> str:
            """Meta's id of the catalog."""
            ...
        @property
        def sections(self) -> list[ProductSection]:
            """One to ten sections with at most 30 products in all."""
            ...
    @final
    class Catalog(Content):
        """A whole catalog."""
        __match_args__ = ("body", "footer", "thumbnail",)
        def __new__(cls, body: str, *, footer: str | None = None, thumbnail: str | None = None) -> Content.Catalog: ...
        @property
        def body(self) -> str:
            """At most 1,024 characters."""
            ...
        @property
        def footer(self) -> str | None:
            """At most 60 characters."""
            ...
        @property
        def thumbnail(self) -> str | None:
            """The product whose picture is shown; the first one's without it."""
            ...
    @final
    class Carousel(Content):
        """Two to ten cards side by side, each with a picture or a film."""
        __match_args__ = ("body", "cards",)
        def __new__(cls, body: str, *, cards: Sequence[CarouselCard] = ...) -> Content.Carousel: ...
        @property
        def body(self) -> str:
            """At most 1,024 characters."""
            ...
        @property
        def cards(self) -> list[CarouselCard]:
            """The cards, all of one make."""
            ...
    @final
    class AddressRequest(Content):
        """
        Asks for a postal address. Meta offers it between businesses and people of the same
        country only: India, at this time.
        """
        __match_args__ = ("body", "country", "footer", "values", "saved", "errors",)
        def __new__(cls, body: str, country: str, *, footer: str | None = None, values: dict[str, str] = ..., saved: Sequence[SavedAddress] = ..., errors: dict[str, str] = ...) -> Content.AddressRequest: ...
        @property
        def body(self) -> str:
            """At most 1,024 characters."""
            ...
        @property
        def footer(self) -> str | None:
            """At most 60 characters."""
            ...
        @property
        def country(self) -> str:
            """The country, two letters."""
            ...
        @property
        def values(self) -> dict[str, str]:
            """What is filled in already, by WhatsApp's names of fields, for example `city`."""
            ...
        @property
        def saved(self) -> list[SavedAddress]:
            """Addresses that are offered."""
            ...
        @property
        def errors(self) -> dict[str, str]:
            """What was wrong with the last answer, by field."""
            ...
    @final
    class OrderDetails(Content):
        """An order that is to be reviewed and paid."""
        __match_args__ = ("body", "order", "header", "footer",)
        def __new__(cls, body: str, order: Order, *, header: Header | None = None, footer: str | None = None) -> Content.OrderDetails: ...
        @property
        def body(self) -> str:
            """At most 1,024 characters."""
            ...
        @property
        def header(self) -> Header | None:
            """A picture above; the first product's without it."""
            ...
        @property
        def footer(self) -> str | None:
            """At most 60 characters."""
            ...
        @property
        def order(self) -> Order:
            """The order."""
            ...
    @final
    class OrderStatus(Content):
        """Where an order stands that was sent before."""
        __match_args__ = ("body", "reference", "stage", "footer", "description",)
        def __new__(cls, body: str, reference: str, stage: OrderStage, *, footer: str | None = None, description: str | None = None) -> Content.OrderStatus: ...
        @property
        def body(self) -> str:
            """At most 1,024 characters."""
            ...
        @property
        def footer(self) -> str | None:
            """At most 60 characters."""
            ...
        @property
        def reference(self) -> str:
            """The order's reference."""
            ...
        @property
        def stage(self) -> OrderStage:
            """Where it stands."""
            ...
        @property
        def description(self) -> str | None:
            """At most 120 characters."""
            ...
    @final
    class Reaction(Content):
        """An emoji on a message; an empty one takes it back."""
        __match_args__ = ("message_id", "emoji",)
        def __new__(cls, message_id: str, emoji: str) -> Content.Reaction: ...
        @property
        def message_id(self) -> str:
            """WhatsApp's id of the message."""
            ...
        @property
        def emoji(self) -> str:
            """The emoji, or empty."""
            ...
    @final
    class Raw(Content):
        """
        A message of a kind that conek has no type for. It passes the gate like any other: as free text, or as the
        template that it names, which must be stored. Recipient, sender and echo are conek's alone.
        """
        __match_args__ = ("kind", "payload",)
        def __new__(cls, kind: str, payload: str) -> Content.Raw: ...
        @property
        def kind(self) -> str:
            """WhatsApp's name of the kind, which is also the name of its object, for example `interactive`."""
            ...
        @property
        def payload(self) -> str:
            """That object (or, for contacts, list) as JSON text, at most 64 KB."""
            ...

class Decision:
    """What the gate says."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Allow(Decision):
        """Yes."""
        __match_args__ = ("basis",)
        def __new__(cls, basis: Basis) -> Decision.Allow: ...
        @property
        def basis(self) -> Basis:
            """On what basis."""
            ...
    @final
    class Deny(Decision):
        """No."""
        __match_args__ = ("reasons",)
        def __new__(cls, *, reasons: Sequence[Reason] = ...) -> Decision.Deny: ...
        @property
        def reasons(self) -> list[Reason]:
            """All reasons, the strongest first."""
            ...
    @final
    class Defer(Decision):
        """Not yet."""
        __match_args__ = ("until", "reasons",)
        def __new__(cls, until: datetime, *, reasons: Sequence[Reason] = ...) -> Decision.Defer: ...
        @property
        def until(self) -> datetime:
            """When to ask again."""
            ...
        @property
        def reasons(self) -> list[Reason]:
            """Why."""
            ...
    @final
    class Ask(Decision):
        """Somebody has to answer first."""
        __match_args__ = ("question", "reasons",)
        def __new__(cls, question: str, *, reasons: Sequence[Reason] = ...) -> Decision.Ask: ...
        @property
        def question(self) -> str:
            """What must be asked."""
            ...
        @property
        def reasons(self) -> list[Reason]:
            """Why."""
            ...

class FlowAnswer:
    """What to answer."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Active(FlowAnswer):
        """To a ping: the endpoint is there."""
        __match_args__ = ()
        def __new__(cls) -> FlowAnswer.Active: ...
    @final
    class Acknowledged(FlowAnswer):
        """To an error that was told."""
        __match_args__ = ()
        def __new__(cls) -> FlowAnswer.Acknowledged: ...
    @final
    class Screen(FlowAnswer):
        """This screen comes next."""
        __match_args__ = ("screen", "data",)
        def __new__(cls, screen: str, data: str) -> FlowAnswer.Screen: ...
        @property
        def screen(self) -> str:
            """Its id."""
            ...
        @property
        def data(self) -> str:
            """
            What it is given: a JSON object, as text. With `error_message` in it, the phone shows that text on the
            screen that the person is on.
            """
            ...
    @final
    class Complete(FlowAnswer):
        """The flow is done: the phone closes it and sends the message that tells so."""
        __match_args__ = ("params",)
        def __new__(cls, params: str) -> FlowAnswer.Complete: ...
        @property
        def params(self) -> str:
            """What the message carries: a JSON object, as text. The request's `flow_token` is added."""
            ...
    @final
    class TokenEnded(FlowAnswer):
        """
        The flow token no longer counts, for example because the order was placed. Status 427: the phone closes the
        flow and lets nobody open it from this message again.
        """
        __match_args__ = ("message",)
        def __new__(cls, message: str) -> FlowAnswer.TokenEnded: ...
        @property
        def message(self) -> str:
            """What the person is told."""
            ...

class FlowEvent:
    """What happened to a flow (Meta: `flows`)."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Status(FlowEvent):
        """Its status changed."""
        __match_args__ = ("status", "previous", "message",)
        def __new__(cls, status: str, *, previous: str | None = None, message: str | None = None) -> FlowEvent.Status: ...
        @property
        def previous(self) -> str | None:
            """What it was."""
            ...
        @property
        def status(self) -> str:
            """`DRAFT`, `PUBLISHED`, `DEPRECATED`, `BLOCKED` or `THROTTLED`."""
            ...
        @property
        def message(self) -> str | None:
            """WhatsApp's words."""
            ...
    @final
    class Alert(FlowEvent):
        """It fails too often or is too slow, or that is over."""
        __match_args__ = ("kind", "state", "threshold", "error_rate", "requests", "p50_latency", "p90_latency", "availability", "errors", "message",)
        def __new__(cls, kind: str, *, state: str | None = None, threshold: float | None = None, error_rate: float | None = None, requests: int | None = None, p50_latency: float | None = None, p90_latency: float | None = None, availability: float | None = None, errors: Sequence[FlowErrorCount] = ..., message: str | None = None) -> FlowEvent.Alert: ...
        @property
        def kind(self) -> str:
            """`CLIENT_ERROR_RATE`, `ENDPOINT_ERROR_RATE`, `ENDPOINT_LATENCY` or `ENDPOINT_AVAILABILITY`."""
            ...
        @property
        def state(self) -> str | None:
            """`ACTIVATED` or `DEACTIVATED`."""
            ...
        @property
        def threshold(self) -> float | None:
            """The bound that was passed: percent, or milliseconds of a latency."""
            ...
        @property
        def error_rate(self) -> float | None:
            """How often it fails, in percent."""
            ...
        @property
        def requests(self) -> int | None:
            """Requests that were counted."""
            ...
        @property
        def p50_latency(self) -> float | None:
            """Half of the answers took no longer, in milliseconds."""
            ...
        @property
        def p90_latency(self) -> float | None:
            """Nine tenths of the answers took no longer, in milliseconds."""
            ...
        @property
        def availability(self) -> float | None:
            """How often it could be reached, in percent."""
            ...
        @property
        def errors(self) -> list[FlowErrorCount]:
            """The errors."""
            ...
        @property
        def message(self) -> str | None:
            """WhatsApp's words."""
            ...

class FlowRef:
    """Which form a message opens."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Id(FlowRef):
        """By WhatsApp's id of the flow."""
        __match_args__ = ("id",)
        def __new__(cls, id: str) -> FlowRef.Id: ...
        @property
        def id(self) -> str:
            """The id."""
            ...
    @final
    class Name(FlowRef):
        """By the name that the account gave it."""
        __match_args__ = ("name",)
        def __new__(cls, name: str) -> FlowRef.Name: ...
        @property
        def name(self) -> str:
            """The name."""
            ...

class FlowStart:
    """How a form begins."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class First(FlowStart):
        """At the first screen that the flow itself names."""
        __match_args__ = ()
        def __new__(cls) -> FlowStart.First: ...
    @final
    class Screen(FlowStart):
        """At this screen."""
        __match_args__ = ("screen", "data",)
        def __new__(cls, screen: str, *, data: str | None = None) -> FlowStart.Screen: ...
        @property
        def screen(self) -> str:
            """The screen's id."""
            ...
        @property
        def data(self) -> str | None:
            """What the screen is given: a JSON object with at least one key, as text."""
            ...
    @final
    class Exchange(FlowStart):
        """The flow's endpoint is asked for the first screen."""
        __match_args__ = ()
        def __new__(cls) -> FlowStart.Exchange: ...

class GraphPayload:
    """What a call carries. `Debug` shows the kind alone: PINs, tokens and numbers of people are in it."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Empty(GraphPayload):
        """Nothing."""
        __match_args__ = ()
        def __new__(cls) -> GraphPayload.Empty: ...
    @final
    class Json(GraphPayload):
        """A JSON object."""
        __match_args__ = ("json",)
        def __new__(cls, json: str) -> GraphPayload.Json: ...
        @property
        def json(self) -> str:
            """As text."""
            ...
    @final
    class Form(GraphPayload):
        """A form with one file, `multipart/form-data`; the file's part is called `file`."""
        __match_args__ = ("filename", "mime", "bytes", "fields",)
        def __new__(cls, filename: str, mime: str, bytes: bytes, *, fields: dict[str, str] = ...) -> GraphPayload.Form: ...
        @property
        def fields(self) -> dict[str, str]:
            """The text fields."""
            ...
        @property
        def filename(self) -> str:
            """The file's name."""
            ...
        @property
        def mime(self) -> str:
            """Its type."""
            ...
        @property
        def bytes(self) -> bytes:
            """Its bytes."""
            ...
    @final
    class Bytes(GraphPayload):
        """Bytes of an upload that was begun, as they are."""
        __match_args__ = ("offset", "bytes",)
        def __new__(cls, offset: int, bytes: bytes) -> GraphPayload.Bytes: ...
        @property
        def offset(self) -> int:
            """How many bytes came before; the header `file_offset`."""
            ...
        @property
        def bytes(self) -> bytes:
            """The bytes."""
            ...

class GroupEvent:
    """
    What happened to a group (Meta: `group_lifecycle_update`, `group_participants_update`, `group_settings_update`,
    `group_status_update`). `request` is the id with which the call that asked for it was answered; `code` is the error
    code of one that failed. `Debug` shows which, and no content.
    """
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Created(GroupEvent):
        """It was made."""
        __match_args__ = ("request", "subject", "description", "invite_link", "join_approval", "code",)
        def __new__(cls, *, request: str | None = None, subject: str | None = None, description: str | None = None, invite_link: str | None = None, join_approval: str | None = None, code: int | None = None) -> GroupEvent.Created: ...
        @property
        def request(self) -> str | None:
            """The request."""
            ...
        @property
        def subject(self) -> str | None:
            """Its subject."""
            ...
        @property
        def description(self) -> str | None:
            """Its description."""
            ...
        @property
        def invite_link(self) -> str | None:
            """The link by which people join."""
            ...
        @property
        def join_approval(self) -> str | None:
            """`auto_approve` or `approval_required`."""
            ...
        @property
        def code(self) -> int | None:
            """The error code."""
            ...
    @final
    class Deleted(GroupEvent):
        """It was deleted."""
        __match_args__ = ("request", "code",)
        def __new__(cls, *, request: str | None = None, code: int | None = None) -> GroupEvent.Deleted: ...
        @property
        def request(self) -> str | None:
            """The request."""
            ...
        @property
        def code(self) -> int | None:
            """The error code."""
            ...
    @final
    class Joined(GroupEvent):
        """People joined."""
        __match_args__ = ("request", "reason", "people",)
        def __new__(cls, *, request: str | None = None, reason: str | None = None, people: Sequence[GroupPerson] = ...) -> GroupEvent.Joined: ...
        @property
        def request(self) -> str | None:
            """The request."""
            ...
        @property
        def reason(self) -> str | None:
            """How, for example `invite_link`."""
            ...
        @property
        def people(self) -> list[GroupPerson]:
            """Who."""
            ...
    @final
    class Left(GroupEvent):
        """People left or were taken out."""
        __match_args__ = ("request", "initiated_by", "people", "failed", "code",)
        def __new__(cls, *, request: str | None = None, initiated_by: str | None = None, people: Sequence[GroupPerson] = ..., failed: Sequence[GroupPerson] = ..., code: int | None = None) -> GroupEvent.Left: ...
        @property
        def request(self) -> str | None:
            """The request."""
            ...
        @property
        def initiated_by(self) -> str | None:
            """`business` or `participant`."""
            ...
        @property
        def people(self) -> list[GroupPerson]:
            """Who."""
            ...
        @property
        def failed(self) -> list[GroupPerson]:
            """Who should have been taken out and is there still."""
            ...
        @property
        def code(self) -> int | None:
            """The error code."""
            ...
    @final
    class JoinRequested(GroupEvent):
        """Somebody asks to be let in."""
        __match_args__ = ("person", "join_request",)
        def __new__(cls, person: GroupPerson, *, join_request: str | None = None) -> GroupEvent.JoinRequested: ...
        @property
        def join_request(self) -> str | None:
            """WhatsApp's id of their wish."""
            ...
        @property
        def person(self) -> GroupPerson:
            """Who."""
            ...
    @final
    class JoinRequestRevoked(GroupEvent):
        """Somebody does not ask any more."""
        __match_args__ = ("person", "join_request",)
        def __new__(cls, person: GroupPerson, *, join_request: str | None = None) -> GroupEvent.JoinRequestRevoked: ...
        @property
        def join_request(self) -> str | None:
            """WhatsApp's id of their wish."""
            ...
        @property
        def person(self) -> GroupPerson:
            """Who."""
            ...
    @final
    class Changed(GroupEvent):
        """Its subject, description or picture was changed."""
        __match_args__ = ("request", "settings", "code",)
        def __new__(cls, *, request: str | None = None, settings: Sequence[GroupSetting] = ..., code: int | None = None) -> GroupEvent.Changed: ...
        @property
        def request(self) -> str | None:
            """The request."""
            ...
        @property
        def settings(self) -> list[GroupSetting]:
            """What."""
            ...
        @property
        def code(self) -> int | None:
            """The error code."""
            ...
    @final
    class Suspended(GroupEvent):
        """WhatsApp suspended it."""
        __match_args__ = ()
        def __new__(cls) -> GroupEvent.Suspended: ...
    @final
    class SuspensionCleared(GroupEvent):
        """It works again."""
        __match_args__ = ()
        def __new__(cls) -> GroupEvent.SuspensionCleared: ...

class Happening:
    """What happened."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Received(Happening):
        """A person wrote."""
        __match_args__ = ("receiver", "wamid", "reply",)
        def __new__(cls, receiver: str, wamid: str, reply: Reply) -> Happening.Received: ...
        @property
        def receiver(self) -> str:
            """The phone number id that received it."""
            ...
        @property
        def wamid(self) -> str:
            """WhatsApp's id of their message."""
            ...
        @property
        def reply(self) -> Reply:
            """What it says."""
            ...
    @final
    class Delivery(Happening):
        """A message of ours moved on."""
        __match_args__ = ("kind", "code",)
        def __new__(cls, kind: StatusKind, *, code: int | None = None) -> Happening.Delivery: ...
        @property
        def kind(self) -> StatusKind:
            """How far."""
            ...
        @property
        def code(self) -> int | None:
            """The error code of a failure."""
            ...
    @final
    class OptedOut(Happening):
        """A person opted out."""
        __match_args__ = ("purpose",)
        def __new__(cls, purpose: Purpose) -> Happening.OptedOut: ...
        @property
        def purpose(self) -> Purpose:
            """Of what."""
            ...
    @final
    class OptedIn(Happening):
        """A person opted in again."""
        __match_args__ = ("purpose",)
        def __new__(cls, purpose: Purpose) -> Happening.OptedIn: ...
        @property
        def purpose(self) -> Purpose:
            """To what."""
            ...
    @final
    class Unclear(Happening):
        """A person said something that may mean stop. Marketing to them is suspended until it is clear."""
        __match_args__ = ("wamid",)
        def __new__(cls, wamid: str) -> Happening.Unclear: ...
        @property
        def wamid(self) -> str:
            """WhatsApp's id of their message."""
            ...
    @final
    class RightAsked(Happening):
        """A person asked about their data, in a message or on their page: a request was opened."""
        __match_args__ = ("request", "right",)
        def __new__(cls, request: str, right: RightKind) -> Happening.RightAsked: ...
        @property
        def request(self) -> str:
            """The request."""
            ...
        @property
        def right(self) -> RightKind:
            """What for."""
            ...
    @final
    class Alarm(Happening):
        """
        Time for what is owed to a person or an authority runs out: each of the percentages is told of once, within the
        hour, until it is done. The case says whom it concerns.
        """
        __match_args__ = ("case", "duty", "percent", "due_at",)
        def __new__(cls, case: str, duty: str, percent: int, due_at: datetime) -> Happening.Alarm: ...
        @property
        def case(self) -> str:
            """The request or the breach case."""
            ...
        @property
        def duty(self) -> str:
            """What is owed: the right that was asked for, or whom the breach must be told to."""
            ...
        @property
        def percent(self) -> int:
            """How much of the time is gone: 50, 80 or 100. Of a breach: 80 when its warning is due, 100 when it is late."""
            ...
        @property
        def due_at(self) -> datetime:
            """By when it is due."""
            ...
    @final
    class Template(Happening):
        """Something happened to a template at WhatsApp. Status, category and quality are kept with the template."""
        __match_args__ = ("name", "language", "event",)
        def __new__(cls, name: str, language: str, event: TemplateEvent) -> Happening.Template: ...
        @property
        def name(self) -> str:
            """Its name."""
            ...
        @property
        def language(self) -> str:
            """Its language."""
            ...
        @property
        def event(self) -> TemplateEvent:
            """What happened."""
            ...
    @final
    class Number(Happening):
        """Something happened to a number of the business; see `platform.sender_health`."""
        __match_args__ = ("event", "number", "display",)
        def __new__(cls, event: NumberEvent, *, number: str | None = None, display: str | None = None) -> Happening.Number: ...
        @property
        def number(self) -> str | None:
            """The phone number id, where it is known."""
            ...
        @property
        def display(self) -> str | None:
            """The number as people see it, where the update has it."""
            ...
        @property
        def event(self) -> NumberEvent:
            """What happened."""
            ...
    @final
    class Account(Happening):
        """Something happened to the business account."""
        __match_args__ = ("event", "account", "display",)
        def __new__(cls, event: AccountEvent, *, account: str | None = None, display: str | None = None) -> Happening.Account: ...
        @property
        def account(self) -> str | None:
            """Its id."""
            ...
        @property
        def display(self) -> str | None:
            """The number that it is about, as people see it, where it is about one."""
            ...
        @property
        def event(self) -> AccountEvent:
            """What happened."""
            ...
    @final
    class Group(Happening):
        """Something happened to a group. Kept for eight days, as it speaks of several people."""
        __match_args__ = ("number", "event", "group",)
        def __new__(cls, number: str, event: GroupEvent, *, group: str | None = None) -> Happening.Group: ...
        @property
        def number(self) -> str:
            """The phone number id."""
            ...
        @property
        def group(self) -> str | None:
            """The group's id; missing where none was made."""
            ...
        @property
        def event(self) -> GroupEvent:
            """What happened."""
            ...
    @final
    class Identity(Happening):
        """WhatsApp knows a person by another number or id. Their contact has it already."""
        __match_args__ = ("event",)
        def __new__(cls, event: IdentityEvent) -> Happening.Identity: ...
        @property
        def event(self) -> IdentityEvent:
            """What changed."""
            ...
    @final
    class Flow(Happening):
        """Something happened to a flow."""
        __match_args__ = ("flow", "event",)
        def __new__(cls, flow: str, event: FlowEvent) -> Happening.Flow: ...
        @property
        def flow(self) -> str:
            """Its id."""
            ...
        @property
        def event(self) -> FlowEvent:
            """What happened."""
            ...
    @final
    class App(Happening):
        """Something happened in the WhatsApp Business app beside the Cloud API."""
        __match_args__ = ("number", "event", "wa_id", "user_id",)
        def __new__(cls, number: str, event: AppEvent, *, wa_id: str | None = None, user_id: str | None = None) -> Happening.App: ...
        @property
        def number(self) -> str:
            """The phone number id."""
            ...
        @property
        def wa_id(self) -> str | None:
            """The WhatsApp id of the person whom it concerns."""
            ...
        @property
        def user_id(self) -> str | None:
            """Their business-scoped id."""
            ...
        @property
        def event(self) -> AppEvent:
            """What happened."""
            ...
    @final
    class Call(Happening):
        """Something happened to a call."""
        __match_args__ = ("number", "call", "event",)
        def __new__(cls, number: str, call: str, event: CallEvent) -> Happening.Call: ...
        @property
        def number(self) -> str:
            """The phone number id."""
            ...
        @property
        def call(self) -> str:
            """WhatsApp's id of the call."""
            ...
        @property
        def event(self) -> CallEvent:
            """What happened."""
            ...
    @final
    class Unknown(Happening):
        """An update that conek has no type for, whole."""
        __match_args__ = ("field", "json",)
        def __new__(cls, field: str, json: str) -> Happening.Unknown: ...
        @property
        def field(self) -> str:
            """The webhook field."""
            ...
        @property
        def json(self) -> str:
            """The update as JSON."""
            ...

class Header:
    """What stands above a message: of an interactive one, of a template, or of a template's card."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Text(Header):
        """At most 60 characters. In a template: the value of the header's numbered placeholder."""
        __match_args__ = ("text",)
        def __new__(cls, text: str) -> Header.Text: ...
        @property
        def text(self) -> str:
            """The text."""
            ...
    @final
    class NamedText(Header):
        """The value of the named placeholder in a template's header. Templates only."""
        __match_args__ = ("name", "text",)
        def __new__(cls, name: str, text: str) -> Header.NamedText: ...
        @property
        def name(self) -> str:
            """The placeholder's name."""
            ...
        @property
        def text(self) -> str:
            """The text."""
            ...
    @final
    class Image(Header):
        """A picture: JPEG or PNG, at most 5 MB."""
        __match_args__ = ("media",)
        def __new__(cls, media: Media) -> Header.Image: ...
        @property
        def media(self) -> Media:
            """The picture."""
            ...
    @final
    class Video(Header):
        """A film: MP4 or 3GP, at most 16 MB."""
        __match_args__ = ("media",)
        def __new__(cls, media: Media) -> Header.Video: ...
        @property
        def media(self) -> Media:
            """The film."""
            ...
    @final
    class Gif(Header):
        """A moving picture: MP4, at most 3.5 MB. Marketing templates on `/marketing_messages` only."""
        __match_args__ = ("media",)
        def __new__(cls, media: Media) -> Header.Gif: ...
        @property
        def media(self) -> Media:
            """The moving picture."""
            ...
    @final
    class Document(Header):
        """A document, at most 100 MB; in a template a PDF."""
        __match_args__ = ("media", "filename",)
        def __new__(cls, media: Media, *, filename: str | None = None) -> Header.Document: ...
        @property
        def media(self) -> Media:
            """The document."""
            ...
        @property
        def filename(self) -> str | None:
            """Its name on the phone."""
            ...
    @final
    class Location(Header):
        """A place. Templates only."""
        __match_args__ = ("place",)
        def __new__(cls, place: Place) -> Header.Location: ...
        @property
        def place(self) -> Place:
            """The place."""
            ...
    @final
    class Product(Header):
        """A product of a catalog. Cards of a template only."""
        __match_args__ = ("catalog_id", "product_id",)
        def __new__(cls, catalog_id: str, product_id: str) -> Header.Product: ...
        @property
        def catalog_id(self) -> str:
            """Meta's id of the catalog."""
            ...
        @property
        def product_id(self) -> str:
            """The product's id in the catalog."""
            ...

class IdentityEvent:
    """What changed about how WhatsApp knows a person. `Debug` shows which, and no content."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Number(IdentityEvent):
        """They have another number (Meta: `system` message, `user_changed_number`)."""
        __match_args__ = ("current", "previous",)
        def __new__(cls, current: str, *, previous: str | None = None) -> IdentityEvent.Number: ...
        @property
        def previous(self) -> str | None:
            """The WhatsApp id that they had."""
            ...
        @property
        def current(self) -> str:
            """The one that they have."""
            ...
    @final
    class UserId(IdentityEvent):
        """
        They have another business-scoped id, as after a change of number (Meta: `user_id_update`; `system` message,
        `user_changed_user_id`).
        """
        __match_args__ = ("current", "previous", "previous_parent", "current_parent",)
        def __new__(cls, current: str, *, previous: str | None = None, previous_parent: str | None = None, current_parent: str | None = None) -> IdentityEvent.UserId: ...
        @property
        def previous(self) -> str | None:
            """The id that they had."""
            ...
        @property
        def current(self) -> str:
            """The one that they have."""
            ...
        @property
        def previous_parent(self) -> str | None:
            """The id for the parent's portfolios that they had."""
            ...
        @property
        def current_parent(self) -> str | None:
            """The one that they have."""
            ...
    @final
    class Key(IdentityEvent):
        """
        Their identity key is another: a new phone, or somebody else's (Meta: `system` message,
        `customer_identity_changed`).
        """
        __match_args__ = ("hash",)
        def __new__(cls, *, hash: str | None = None) -> IdentityEvent.Key: ...
        @property
        def hash(self) -> str | None:
            """The new key's hash."""
            ...

class Index:
    """The declared ways to find records; nothing else is searched."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Id(Index):
        """Every record of the kind, by id."""
        __match_args__ = ()
        def __new__(cls) -> Index.Id: ...
    @final
    class Token(Index):
        """Those that hold a token, by id."""
        __match_args__ = ("name", "value",)
        def __new__(cls, name: str, value: str) -> Index.Token: ...
        @property
        def name(self) -> str:
            """The token's name."""
            ...
        @property
        def value(self) -> str:
            """Its value."""
            ...
    @final
    class Group(Index):
        """Those of a group, by id."""
        __match_args__ = ("group",)
        def __new__(cls, group: str) -> Index.Group: ...
        @property
        def group(self) -> str:
            """The group."""
            ...
    @final
    class Subject(Index):
        """Those that concern a person, by kind and id. The query's `kind` may be empty: all kinds."""
        __match_args__ = ("person",)
        def __new__(cls, person: str) -> Index.Subject: ...
        @property
        def person(self) -> str:
            """The person's id."""
            ...
    @final
    class Due(Index):
        """Those waiting in a queue and due by `until`, by due time and id."""
        __match_args__ = ("queue", "until",)
        def __new__(cls, queue: str, until: datetime) -> Index.Due: ...
        @property
        def queue(self) -> str:
            """The queue."""
            ...
        @property
        def until(self) -> datetime:
            """The latest due time."""
            ...
    @final
    class Expired(Index):
        """
        Those whose `expires_at` is not after `until`, by that time, kind and id. The query's
        `kind` may be empty: all kinds.
        """
        __match_args__ = ("until",)
        def __new__(cls, until: datetime) -> Index.Expired: ...
        @property
        def until(self) -> datetime:
            """The latest expiry."""
            ...

class LibraryButtonInput:
    """What the business gives a button of a library template."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Url(LibraryButtonInput):
        """An address to open."""
        __match_args__ = ("base_url", "example",)
        def __new__(cls, base_url: str, *, example: str | None = None) -> LibraryButtonInput.Url: ...
        @property
        def base_url(self) -> str:
            """With or without a placeholder at its end: `https://karoo.example/orders/{{1}}`."""
            ...
        @property
        def example(self) -> str | None:
            """A whole address as it may become, where there is a placeholder."""
            ...
    @final
    class PhoneNumber(LibraryButtonInput):
        """A number to call."""
        __match_args__ = ("number",)
        def __new__(cls, number: str) -> LibraryButtonInput.PhoneNumber: ...
        @property
        def number(self) -> str:
            """In E.164."""
            ...

class Loosening:
    """
    Where an account takes a less strict reading on itself, because the law is open there or because
    conek has no rules. Each is recorded with the reason that the host gives.
    """
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class ConsentOverRegistry(Loosening):
        """
        Express consent stands against a block in the opt-out registry. South African law names no
        order of the two.
        """
        __match_args__ = ()
        def __new__(cls) -> Loosening.ConsentOverRegistry: ...
    @final
    class Country(Loosening):
        """Direct marketing to a country for which conek has no rules, by the rules of both regimes that it has."""
        __match_args__ = ("country",)
        def __new__(cls, country: str) -> Loosening.Country: ...
        @property
        def country(self) -> str:
            """ISO 3166-1 alpha-2."""
            ...
    @final
    class MinAge(Loosening):
        """A lower age than 18; the rules for children apply from then on."""
        __match_args__ = ("years",)
        def __new__(cls, years: int) -> Loosening.MinAge: ...
        @property
        def years(self) -> int:
            """In years, at least 13."""
            ...

class Media:
    """Where a picture or file comes from."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Id(Media):
        """Uploaded before with `media.upload`; lives 30 days."""
        __match_args__ = ("id",)
        def __new__(cls, id: str) -> Media.Id: ...
        @property
        def id(self) -> str:
            """WhatsApp's media id."""
            ...
    @final
    class Link(Media):
        """Fetched by WhatsApp from a public HTTPS address."""
        __match_args__ = ("url",)
        def __new__(cls, url: str) -> Media.Link: ...
        @property
        def url(self) -> str:
            """The address."""
            ...

class NumberEvent:
    """What happened to a number of the business. `Debug` shows which, and no content."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Quality(NumberEvent):
        """Its quality, its throughput or the business's messaging limit changed (Meta: `phone_number_quality_update`)."""
        __match_args__ = ("event", "limit", "previous_limit",)
        def __new__(cls, event: str, *, limit: str | None = None, previous_limit: str | None = None) -> NumberEvent.Quality: ...
        @property
        def event(self) -> str:
            """`FLAGGED`, `UNFLAGGED`, `UPGRADE`, `DOWNGRADE`, `ONBOARDING`, `THROUGHPUT_UPGRADE`, ..."""
            ...
        @property
        def limit(self) -> str | None:
            """The limit now, for example `TIER_2K`."""
            ...
        @property
        def previous_limit(self) -> str | None:
            """The limit before."""
            ...
    @final
    class Name(NumberEvent):
        """Its name was reviewed (Meta: `phone_number_name_update`). A name counts once the number is registered again."""
        __match_args__ = ("decision", "name", "reason",)
        def __new__(cls, decision: str, *, name: str | None = None, reason: str | None = None) -> NumberEvent.Name: ...
        @property
        def decision(self) -> str:
            """`APPROVED`, `REJECTED`, `DEFERRED` or `PENDING`."""
            ...
        @property
        def name(self) -> str | None:
            """The name that was asked for."""
            ...
        @property
        def reason(self) -> str | None:
            """Why it was rejected."""
            ...
    @final
    class Username(NumberEvent):
        """Its username changed (Meta: `business_username_updates`)."""
        __match_args__ = ("status", "username", "reasons",)
        def __new__(cls, status: str, *, username: str | None = None, reasons: Sequence[str] = ...) -> NumberEvent.Username: ...
        @property
        def status(self) -> str:
            """`approved`, `reserved`, `deleted`, or the outcome of a review."""
            ...
        @property
        def username(self) -> str | None:
            """The username; `None` once it is deleted."""
            ...
        @property
        def reasons(self) -> list[str]:
            """Why it was rejected."""
            ...
    @final
    class Security(NumberEvent):
        """Its two-step verification was changed, or somebody asked for that (Meta: `security`)."""
        __match_args__ = ("event", "requester",)
        def __new__(cls, event: str, *, requester: str | None = None) -> NumberEvent.Security: ...
        @property
        def event(self) -> str:
            """`PIN_CHANGED`, `PIN_RESET_REQUEST` or `PIN_REQUEST_SUCCESS`."""
            ...
        @property
        def requester(self) -> str | None:
            """Meta's id of who asked."""
            ...
    @final
    class Settings(NumberEvent):
        """Its settings were changed, for example of calls (Meta: `account_settings_update`)."""
        __match_args__ = ("json", "kind",)
        def __new__(cls, json: str, *, kind: str | None = None) -> NumberEvent.Settings: ...
        @property
        def kind(self) -> str | None:
            """`PHONE_NUMBER_SETTINGS`."""
            ...
        @property
        def json(self) -> str:
            """The update as JSON."""
            ...
    @final
    class Conversion(NumberEvent):
        """WhatsApp believes that a chat which an ad began came to something (Meta: `automatic_events`)."""
        __match_args__ = ("name", "wamid", "click_id", "currency", "value",)
        def __new__(cls, name: str, wamid: str, *, click_id: str | None = None, currency: str | None = None, value: float | None = None) -> NumberEvent.Conversion: ...
        @property
        def name(self) -> str:
            """`LeadSubmitted` or `Purchase`."""
            ...
        @property
        def wamid(self) -> str:
            """WhatsApp's id of the message that says so."""
            ...
        @property
        def click_id(self) -> str | None:
            """The click on the ad (`ctwa_clid`)."""
            ...
        @property
        def currency(self) -> str | None:
            """The currency of a purchase, ISO 4217."""
            ...
        @property
        def value(self) -> float | None:
            """Its sum in that currency."""
            ...
    @final
    class Failure(NumberEvent):
        """An error that belongs to no message of ours (Meta: `messages`, list `errors`)."""
        __match_args__ = ("code", "title", "details",)
        def __new__(cls, code: int, *, title: str | None = None, details: str | None = None) -> NumberEvent.Failure: ...
        @property
        def code(self) -> int:
            """WhatsApp's error code."""
            ...
        @property
        def title(self) -> str | None:
            """Its title."""
            ...
        @property
        def details(self) -> str | None:
            """What WhatsApp says of it."""
            ...

class ParameterFormat:
    """How a placeholder's value is written, where it is more than text."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Currency(ParameterFormat):
        """As an amount of money, which the phone may write in its own way; the text stands in for it."""
        __match_args__ = ("code", "thousandths",)
        def __new__(cls, code: str, thousandths: int) -> ParameterFormat.Currency: ...
        @property
        def code(self) -> str:
            """Three letters (ISO 4217)."""
            ...
        @property
        def thousandths(self) -> int:
            """In thousandths: 12.50 is 12,500."""
            ...
    @final
    class DateTime(ParameterFormat):
        """As a moment. WhatsApp shows the text."""
        __match_args__ = ()
        def __new__(cls) -> ParameterFormat.DateTime: ...

class PaymentMethod:
    """A way to pay. Which of them work depends on the country of the account and of the person."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Gateway(PaymentMethod):
        """Through a payment gateway that is connected with the account (India, Singapore)."""
        __match_args__ = ("provider", "configuration",)
        def __new__(cls, provider: str, configuration: str) -> PaymentMethod.Gateway: ...
        @property
        def provider(self) -> str:
            """The gateway, for example `razorpay`, `payu`, `stripe`."""
            ...
        @property
        def configuration(self) -> str:
            """The name of the payment configuration."""
            ...
    @final
    class Link(PaymentMethod):
        """A link at which to pay."""
        __match_args__ = ("url",)
        def __new__(cls, url: str) -> PaymentMethod.Link: ...
        @property
        def url(self) -> str:
            """The address."""
            ...
    @final
    class Pix(PaymentMethod):
        """A Pix code (Brazil)."""
        __match_args__ = ("code", "merchant", "key", "key_type",)
        def __new__(cls, code: str, merchant: str, key: str, key_type: str) -> PaymentMethod.Pix: ...
        @property
        def code(self) -> str:
            """The dynamic code."""
            ...
        @property
        def merchant(self) -> str:
            """Who is paid."""
            ...
        @property
        def key(self) -> str:
            """The Pix key."""
            ...
        @property
        def key_type(self) -> str:
            """`CPF`, `CNPJ`, `EMAIL`, `PHONE` or `EVP`."""
            ...
    @final
    class Boleto(PaymentMethod):
        """A boleto (Brazil)."""
        __match_args__ = ("line",)
        def __new__(cls, line: str) -> PaymentMethod.Boleto: ...
        @property
        def line(self) -> str:
            """Its digits."""
            ...

class Recipient:
    """To whom."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Person(Recipient):
        """A contact by its id."""
        __match_args__ = ("id",)
        def __new__(cls, id: str) -> Recipient.Person: ...
        @property
        def id(self) -> str:
            """The contact's id."""
            ...
    @final
    class Phone(Recipient):
        """A phone number, written in any way; without a country code the account's region is assumed."""
        __match_args__ = ("number",)
        def __new__(cls, number: str) -> Recipient.Phone: ...
        @property
        def number(self) -> str:
            """The number."""
            ...
    @final
    class Bsuid(Recipient):
        """
        A business-scoped user id, `CC.<alphanumeric>`, or a parent's, `CC.ENT.<alphanumeric>`. Not for authentication
        templates.
        """
        __match_args__ = ("id",)
        def __new__(cls, id: str) -> Recipient.Bsuid: ...
        @property
        def id(self) -> str:
            """The id."""
            ...

class Reply:
    """What a person wrote or tapped."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Text(Reply):
        """Text."""
        __match_args__ = ("body",)
        def __new__(cls, body: str) -> Reply.Text: ...
        @property
        def body(self) -> str:
            """The text."""
            ...
    @final
    class Choice(Reply):
        """A tapped button or a chosen row."""
        __match_args__ = ("id", "title",)
        def __new__(cls, id: str, title: str) -> Reply.Choice: ...
        @property
        def id(self) -> str:
            """The id that the message gave it, or a template button's payload."""
            ...
        @property
        def title(self) -> str:
            """What it said."""
            ...
    @final
    class Reaction(Reply):
        """An emoji on one of our messages; empty takes it back."""
        __match_args__ = ("message_id", "emoji",)
        def __new__(cls, message_id: str, emoji: str) -> Reply.Reaction: ...
        @property
        def message_id(self) -> str:
            """WhatsApp's id of that message."""
            ...
        @property
        def emoji(self) -> str:
            """The emoji."""
            ...
    @final
    class Media(Reply):
        """A picture, document, voice message or sticker."""
        __match_args__ = ("kind", "media_id", "mime", "caption",)
        def __new__(cls, kind: str, media_id: str, mime: str, *, caption: str | None = None) -> Reply.Media: ...
        @property
        def kind(self) -> str:
            """`image`, `document`, `audio`, `video` or `sticker`."""
            ...
        @property
        def media_id(self) -> str:
            """WhatsApp's media id."""
            ...
        @property
        def mime(self) -> str:
            """Its type."""
            ...
        @property
        def caption(self) -> str | None:
            """What was written beside it."""
            ...
    @final
    class Other(Reply):
        """Any other kind, as JSON."""
        __match_args__ = ("kind", "json",)
        def __new__(cls, kind: str, json: str) -> Reply.Other: ...
        @property
        def kind(self) -> str:
            """Its `type`."""
            ...
        @property
        def json(self) -> str:
            """The whole message."""
            ...

class Route:
    """By which of WhatsApp's two ways a message leaves."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Messages(Route):
        """`/messages`, which takes every kind."""
        __match_args__ = ()
        def __new__(cls) -> Route.Messages: ...
    @final
    class Marketing(Route):
        """`/marketing_messages`, which takes marketing templates of numbers that were onboarded for it."""
        __match_args__ = ("fallback", "share_activity",)
        def __new__(cls, *, fallback: bool = False, share_activity: bool = False) -> Route.Marketing: ...
        @property
        def fallback(self) -> bool:
            """Whether WhatsApp may send by its other way when this one cannot (`CLOUD_API_FALLBACK`)."""
            ...
        @property
        def share_activity(self) -> bool:
            """Whether Meta may use what the person does with the message to choose its audience."""
            ...

class SendOutcome:
    """
    What is known after a send was tried. There is no third possibility between "it was not
    accepted" and "it may have been": whoever is not sure says `SendOutcome.Unknown`.
    """
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Accepted(SendOutcome):
        """Accepted."""
        __match_args__ = ("wamid", "status", "wa_id", "user_id",)
        def __new__(cls, wamid: str, status: str, *, wa_id: str | None = None, user_id: str | None = None) -> SendOutcome.Accepted: ...
        @property
        def wamid(self) -> str:
            """WhatsApp's id of the message."""
            ...
        @property
        def status(self) -> str:
            """`accepted`, `held_for_quality_assessment`, `paused`, or empty."""
            ...
        @property
        def wa_id(self) -> str | None:
            """The recipient's WhatsApp id where the answer has one."""
            ...
        @property
        def user_id(self) -> str | None:
            """The recipient's business-scoped id where the answer has one."""
            ...
    @final
    class Refused(SendOutcome):
        """Refused for good or for now, and certainly not accepted."""
        __match_args__ = ("code", "action",)
        def __new__(cls, code: int, action: Action) -> SendOutcome.Refused: ...
        @property
        def code(self) -> int:
            """WhatsApp's error code; the HTTP status where the answer had no code."""
            ...
        @property
        def action(self) -> Action:
            """What to do about it."""
            ...
    @final
    class NotSent(SendOutcome):
        """Proven not sent: no connection, no byte of the request accepted."""
        __match_args__ = ("detail",)
        def __new__(cls, detail: str) -> SendOutcome.NotSent: ...
        @property
        def detail(self) -> str:
            """Why, without personal data."""
            ...
    @final
    class Unknown(SendOutcome):
        """It may have been accepted. Only evidence resolves it; nothing repeats it."""
        __match_args__ = ("detail",)
        def __new__(cls, detail: str) -> SendOutcome.Unknown: ...
        @property
        def detail(self) -> str:
            """Why, without personal data."""
            ...

class SharingDecision:
    """Whether data may be handed over."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Allow(SharingDecision):
        """They may."""
        __match_args__ = ("provision",)
        def __new__(cls, provision: str) -> SharingDecision.Allow: ...
        @property
        def provision(self) -> str:
            """What it rests on."""
            ...
    @final
    class Deny(SharingDecision):
        """They may not."""
        __match_args__ = ("reasons",)
        def __new__(cls, *, reasons: Sequence[Reason] = ...) -> SharingDecision.Deny: ...
        @property
        def reasons(self) -> list[Reason]:
            """All reasons."""
            ...

class Statement:
    """What is declared."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Objects(Statement):
        """
        The person objects (POPIA s11(3), GDPR 21). To direct marketing it is absolute, and also puts the
        number on the suppression list.
        """
        __match_args__ = ("scope",)
        def __new__(cls, scope: ObjectionScope) -> Statement.Objects: ...
        @property
        def scope(self) -> ObjectionScope:
            """To what."""
            ...
    @final
    class ObjectsNoMore(Statement):
        """The person takes an objection back."""
        __match_args__ = ("scope",)
        def __new__(cls, scope: ObjectionScope) -> Statement.ObjectsNoMore: ...
        @property
        def scope(self) -> ObjectionScope:
            """To what."""
            ...
    @final
    class CompellingGrounds(Statement):
        """
        The account has compelling grounds against an objection to what rests on legitimate interests
        (GDPR 21(1)). POPIA knows none, and nothing stands against an objection to direct marketing.
        """
        __match_args__ = ("grounds",)
        def __new__(cls, grounds: str) -> Statement.CompellingGrounds: ...
        @property
        def grounds(self) -> str:
            """Which they are."""
            ...
    @final
    class DemandsDesist(Statement):
        """The person demands an end to direct marketing, or blocks it in advance (CPA s11(2))."""
        __match_args__ = ()
        def __new__(cls) -> Statement.DemandsDesist: ...
    @final
    class Restricted(Statement):
        """Processing is restricted: the data is stored, and nothing else is done with it."""
        __match_args__ = ("ground",)
        def __new__(cls, ground: RestrictionGround) -> Statement.Restricted: ...
        @property
        def ground(self) -> RestrictionGround:
            """Why."""
            ...
    @final
    class RestrictionLifted(Statement):
        """The restriction ends. The person must have been told before (GDPR 18(3))."""
        __match_args__ = ("informed_at",)
        def __new__(cls, informed_at: datetime) -> Statement.RestrictionLifted: ...
        @property
        def informed_at(self) -> datetime:
            """When the person was told."""
            ...
    @final
    class AgreesToHours(Statement):
        """The person agreed to be contacted outside marketing hours."""
        __match_args__ = ("agreement",)
        def __new__(cls, agreement: HoursAgreement) -> Statement.AgreesToHours: ...
        @property
        def agreement(self) -> HoursAgreement:
            """How."""
            ...
    @final
    class Age(Statement):
        """How old the person is."""
        __match_args__ = ("evidence",)
        def __new__(cls, evidence: AgeEvidence) -> Statement.Age: ...
        @property
        def evidence(self) -> AgeEvidence:
            """How that is known."""
            ...
    @final
    class ReportedAsChild(Statement):
        """A parent or guardian says that the person is a child: everything stops, and the person is erased."""
        __match_args__ = ()
        def __new__(cls) -> Statement.ReportedAsChild: ...
    @final
    class GuardianConsents(Statement):
        """A competent person or holder of parental responsibility consents (POPIA s35(1)(a), GDPR 8(1))."""
        __match_args__ = ()
        def __new__(cls) -> Statement.GuardianConsents: ...
    @final
    class NumberReassigned(Statement):
        """The number has another owner now: every consent ends, and the window of the conversation too."""
        __match_args__ = ()
        def __new__(cls) -> Statement.NumberReassigned: ...
    @final
    class Juristic(Statement):
        """The person is a juristic one. POPIA protects them alike; the Consumer Protection Act up to a size."""
        __match_args__ = ("over_cpa_threshold",)
        def __new__(cls, *, over_cpa_threshold: bool = False) -> Statement.Juristic: ...
        @property
        def over_cpa_threshold(self) -> bool:
            """Whether assets or turnover reach R2 million (CPA s5(2)(b))."""
            ...

class TemplateButton:
    """A value for a template's button. Buttons that take no value are left out."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class QuickReply(TemplateButton):
        """What comes back when a quick reply is tapped."""
        __match_args__ = ("index", "payload",)
        def __new__(cls, index: int, payload: str) -> TemplateButton.QuickReply: ...
        @property
        def index(self) -> int:
            """The button's place in the template, from 0."""
            ...
        @property
        def payload(self) -> str:
            """At most 256 characters."""
            ...
    @final
    class Url(TemplateButton):
        """The end of an address; of a button for a one-time password, the code."""
        __match_args__ = ("index", "suffix",)
        def __new__(cls, index: int, suffix: str) -> TemplateButton.Url: ...
        @property
        def index(self) -> int:
            """The button's place in the template, from 0."""
            ...
        @property
        def suffix(self) -> str:
            """The whole address has at most 2,000 characters, a one-time password at most 15."""
            ...
    @final
    class CopyCode(TemplateButton):
        """The code that is copied."""
        __match_args__ = ("index", "code",)
        def __new__(cls, index: int, code: str) -> TemplateButton.CopyCode: ...
        @property
        def index(self) -> int:
            """The button's place in the template, from 0."""
            ...
        @property
        def code(self) -> str:
            """1 to 15 letters and digits."""
            ...
    @final
    class Flow(TemplateButton):
        """What a form is given."""
        __match_args__ = ("index", "token", "data",)
        def __new__(cls, index: int, *, token: str | None = None, data: str | None = None) -> TemplateButton.Flow: ...
        @property
        def index(self) -> int:
            """The button's place in the template, from 0."""
            ...
        @property
        def token(self) -> str | None:
            """Comes back with the answers; `unused` if missing."""
            ...
        @property
        def data(self) -> str | None:
            """What the first screen is given: a JSON object as text."""
            ...
    @final
    class Catalog(TemplateButton):
        """Which product's picture stands for the catalog; the first one's without it."""
        __match_args__ = ("index", "thumbnail",)
        def __new__(cls, index: int, *, thumbnail: str | None = None) -> TemplateButton.Catalog: ...
        @property
        def index(self) -> int:
            """The button's place in the template, from 0."""
            ...
        @property
        def thumbnail(self) -> str | None:
            """The product's id in the catalog."""
            ...
    @final
    class Products(TemplateButton):
        """Which products are offered."""
        __match_args__ = ("index", "thumbnail", "sections",)
        def __new__(cls, index: int, thumbnail: str, *, sections: Sequence[ProductSection] = ...) -> TemplateButton.Products: ...
        @property
        def index(self) -> int:
            """The button's place in the template, from 0."""
            ...
        @property
        def thumbnail(self) -> str:
            """The product whose picture is shown."""
            ...
        @property
        def sections(self) -> list[ProductSection]:
            """One to ten sections with at most 30 products in all."""
            ...
    @final
    class VoiceCall(TemplateButton):
        """How long a button that calls the business works, and what comes back with the call."""
        __match_args__ = ("index", "ttl_minutes", "payload",)
        def __new__(cls, index: int, *, ttl_minutes: int | None = None, payload: str | None = None) -> TemplateButton.VoiceCall: ...
        @property
        def index(self) -> int:
            """The button's place in the template, from 0."""
            ...
        @property
        def ttl_minutes(self) -> int | None:
            """Minutes, 1 to 43,200; 10,080 (7 days) if missing."""
            ...
        @property
        def payload(self) -> str | None:
            """At most 512 characters."""
            ...
    @final
    class OrderDetails(TemplateButton):
        """The order that is to be paid."""
        __match_args__ = ("index", "order",)
        def __new__(cls, index: int, order: Order) -> TemplateButton.OrderDetails: ...
        @property
        def index(self) -> int:
            """The button's place in the template, from 0."""
            ...
        @property
        def order(self) -> Order:
            """The order."""
            ...

class TemplateEvent:
    """What happened to a template."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Status(TemplateEvent):
        """Its status changed (Meta: `message_template_status_update`)."""
        __match_args__ = ("status", "reason", "pause", "detail", "recommendation",)
        def __new__(cls, status: str, *, reason: str | None = None, pause: str | None = None, detail: str | None = None, recommendation: str | None = None) -> TemplateEvent.Status: ...
        @property
        def status(self) -> str:
            """`APPROVED`, `PAUSED`, `DISABLED`, `REJECTED`, `FLAGGED`, `REINSTATED`, ..."""
            ...
        @property
        def reason(self) -> str | None:
            """Why it was rejected, for example `INVALID_FORMAT`; `None` where there is no reason."""
            ...
        @property
        def pause(self) -> str | None:
            """Which pause it is: `FIRST_PAUSE`, `SECOND_PAUSE`, `RATE_LIMITING_PAUSE`, `UNPAUSE` or `DISABLED`."""
            ...
        @property
        def detail(self) -> str | None:
            """The same in WhatsApp's words."""
            ...
        @property
        def recommendation(self) -> str | None:
            """What WhatsApp recommends after a rejection."""
            ...
    @final
    class Quality(TemplateEvent):
        """People take it better or worse (Meta: `message_template_quality_update`)."""
        __match_args__ = ("quality", "previous",)
        def __new__(cls, quality: str, *, previous: str | None = None) -> TemplateEvent.Quality: ...
        @property
        def previous(self) -> str | None:
            """What it was: `GREEN`, `YELLOW`, `RED` or `UNKNOWN`."""
            ...
        @property
        def quality(self) -> str:
            """What it is."""
            ...
    @final
    class CategoryAnnounced(TemplateEvent):
        """WhatsApp will put it into another category (Meta: `template_category_update`)."""
        __match_args__ = ("next", "category", "at",)
        def __new__(cls, next: str, *, category: str | None = None, at: datetime | None = None) -> TemplateEvent.CategoryAnnounced: ...
        @property
        def category(self) -> str | None:
            """The one it is in."""
            ...
        @property
        def next(self) -> str:
            """The one it will be in: `MARKETING`, `UTILITY` or `AUTHENTICATION`."""
            ...
        @property
        def at(self) -> datetime | None:
            """When; otherwise within 24 hours."""
            ...
    @final
    class Category(TemplateEvent):
        """WhatsApp has put it into another category (Meta: `template_category_update`)."""
        __match_args__ = ("category", "previous",)
        def __new__(cls, category: str, *, previous: str | None = None) -> TemplateEvent.Category: ...
        @property
        def previous(self) -> str | None:
            """The one it was in."""
            ...
        @property
        def category(self) -> str:
            """The one it is in."""
            ...
    @final
    class Misclassified(TemplateEvent):
        """What it was sent for is of another category (Meta: `template_correct_category_detection`)."""
        __match_args__ = ("correct", "category",)
        def __new__(cls, correct: str, *, category: str | None = None) -> TemplateEvent.Misclassified: ...
        @property
        def category(self) -> str | None:
            """The one it was sent as."""
            ...
        @property
        def correct(self) -> str:
            """The one that WhatsApp holds to be right."""
            ...
    @final
    class Components(TemplateEvent):
        """
        Somebody edited it at WhatsApp (Meta: `message_template_components_update`). What is kept here is older until
        `templates.sync` is called.
        """
        __match_args__ = ("header", "body", "footer", "buttons",)
        def __new__(cls, *, header: str | None = None, body: str | None = None, footer: str | None = None, buttons: Sequence[ChangedButton] = ...) -> TemplateEvent.Components: ...
        @property
        def header(self) -> str | None:
            """Its header's text."""
            ...
        @property
        def body(self) -> str | None:
            """Its body."""
            ...
        @property
        def footer(self) -> str | None:
            """Its footer."""
            ...
        @property
        def buttons(self) -> list[ChangedButton]:
            """Its buttons."""
            ...

class TemplateHeader:
    """What stands above a template, or a card of it."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Text(TemplateHeader):
        """A text with at most one placeholder; at most 60 characters."""
        __match_args__ = ("text",)
        def __new__(cls, text: str) -> TemplateHeader.Text: ...
        @property
        def text(self) -> str:
            """The text."""
            ...
    @final
    class Image(TemplateHeader):
        """A picture, which every send names."""
        __match_args__ = ()
        def __new__(cls) -> TemplateHeader.Image: ...
    @final
    class Video(TemplateHeader):
        """A film, which every send names."""
        __match_args__ = ()
        def __new__(cls) -> TemplateHeader.Video: ...
    @final
    class Gif(TemplateHeader):
        """A moving picture, which every send names. Marketing on `/marketing_messages` only."""
        __match_args__ = ()
        def __new__(cls) -> TemplateHeader.Gif: ...
    @final
    class Document(TemplateHeader):
        """A PDF, which every send names."""
        __match_args__ = ()
        def __new__(cls) -> TemplateHeader.Document: ...
    @final
    class Location(TemplateHeader):
        """A place, which every send names."""
        __match_args__ = ()
        def __new__(cls) -> TemplateHeader.Location: ...
    @final
    class Product(TemplateHeader):
        """A product, which every send names. On cards only."""
        __match_args__ = ()
        def __new__(cls) -> TemplateHeader.Product: ...

class Tightening:
    """What an account can make stricter. Nothing has to be proved for it."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class MinAge(Tightening):
        """People must be at least this old; 18 by default, and no less by this way."""
        __match_args__ = ("years",)
        def __new__(cls, years: int) -> Tightening.MinAge: ...
        @property
        def years(self) -> int:
            """In years."""
            ...
    @final
    class Quiet(Tightening):
        """Nothing is sent in these hours, beside the law's own."""
        __match_args__ = ("hours",)
        def __new__(cls, hours: QuietHours) -> Tightening.Quiet: ...
        @property
        def hours(self) -> QuietHours:
            """When, to whom, what."""
            ...
    @final
    class ConsentOnly(Tightening):
        """No marketing without consent, also to customers."""
        __match_args__ = ()
        def __new__(cls) -> Tightening.ConsentOnly: ...
    @final
    class DoubleOptIn(Tightening):
        """Consent counts once it was confirmed."""
        __match_args__ = ()
        def __new__(cls) -> Tightening.DoubleOptIn: ...
    @final
    class StopWhenStale(Tightening):
        """No direct marketing by rules that are past their review date."""
        __match_args__ = ()
        def __new__(cls) -> Tightening.StopWhenStale: ...

class TransferDecision:
    """Whether data may go."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Allow(TransferDecision):
        """They may."""
        __match_args__ = ("provisions", "warnings",)
        def __new__(cls, *, provisions: Sequence[str] = ..., warnings: Sequence[Reason] = ...) -> TransferDecision.Allow: ...
        @property
        def provisions(self) -> list[str]:
            """What it rests on, under each law that binds."""
            ...
        @property
        def warnings(self) -> list[Reason]:
            """What does not stand against it, and ought to be known."""
            ...
    @final
    class Deny(TransferDecision):
        """They may not."""
        __match_args__ = ("reasons",)
        def __new__(cls, *, reasons: Sequence[Reason] = ...) -> TransferDecision.Deny: ...
        @property
        def reasons(self) -> list[Reason]:
            """All reasons."""
            ...

class Update:
    """One update of a webhook."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Message(Update):
        """A person wrote."""
        __match_args__ = ("receiver", "wamid", "at", "reply", "wa_id", "user_id", "profile_name", "context",)
        def __new__(cls, receiver: str, wamid: str, at: datetime, reply: Reply, *, wa_id: str | None = None, user_id: str | None = None, profile_name: str | None = None, context: str | None = None) -> Update.Message: ...
        @property
        def receiver(self) -> str:
            """The phone number id that received it."""
            ...
        @property
        def wamid(self) -> str:
            """WhatsApp's id of the message."""
            ...
        @property
        def wa_id(self) -> str | None:
            """The person's WhatsApp id: digits of a phone number. Missing for people without one."""
            ...
        @property
        def user_id(self) -> str | None:
            """The person's business-scoped id."""
            ...
        @property
        def profile_name(self) -> str | None:
            """The person's profile name."""
            ...
        @property
        def at(self) -> datetime:
            """When it was written."""
            ...
        @property
        def context(self) -> str | None:
            """Our message that it answers, by WhatsApp's id."""
            ...
        @property
        def reply(self) -> Reply:
            """What it says."""
            ...
    @final
    class Status(Update):
        """What became of a message of ours."""
        __match_args__ = ("sender", "wamid", "kind", "at", "echo", "wa_id", "user_id", "code", "pricing",)
        def __new__(cls, sender: str, wamid: str, kind: StatusKind, at: datetime, *, echo: str | None = None, wa_id: str | None = None, user_id: str | None = None, code: int | None = None, pricing: str | None = None) -> Update.Status: ...
        @property
        def sender(self) -> str:
            """The phone number id that sent it."""
            ...
        @property
        def wamid(self) -> str:
            """WhatsApp's id of the message."""
            ...
        @property
        def kind(self) -> StatusKind:
            """What became of it."""
            ...
        @property
        def at(self) -> datetime:
            """When."""
            ...
        @property
        def echo(self) -> str | None:
            """What we gave the message to carry."""
            ...
        @property
        def wa_id(self) -> str | None:
            """The recipient's WhatsApp id."""
            ...
        @property
        def user_id(self) -> str | None:
            """The recipient's business-scoped id."""
            ...
        @property
        def code(self) -> int | None:
            """The error code of a failure."""
            ...
        @property
        def pricing(self) -> str | None:
            """The pricing category, where it says one."""
            ...
    @final
    class Preference(Update):
        """A person changed their preference within WhatsApp: `stop`, `resume` or `signup`."""
        __match_args__ = ("receiver", "value", "at", "wa_id", "user_id", "signup_id",)
        def __new__(cls, receiver: str, value: str, at: datetime, *, wa_id: str | None = None, user_id: str | None = None, signup_id: str | None = None) -> Update.Preference: ...
        @property
        def receiver(self) -> str:
            """The phone number id."""
            ...
        @property
        def wa_id(self) -> str | None:
            """The person's WhatsApp id."""
            ...
        @property
        def user_id(self) -> str | None:
            """The person's business-scoped id."""
            ...
        @property
        def value(self) -> str:
            """`stop`, `resume` or `signup`."""
            ...
        @property
        def signup_id(self) -> str | None:
            """The id of the sign-up, with `signup`: part of the proof of consent."""
            ...
        @property
        def at(self) -> datetime:
            """When."""
            ...
    @final
    class Template(Update):
        """Something happened to a template."""
        __match_args__ = ("name", "language", "event",)
        def __new__(cls, name: str, language: str, event: TemplateEvent) -> Update.Template: ...
        @property
        def name(self) -> str:
            """Its name."""
            ...
        @property
        def language(self) -> str:
            """Its language."""
            ...
        @property
        def event(self) -> TemplateEvent:
            """What."""
            ...
    @final
    class Number(Update):
        """Something happened to a number of the business."""
        __match_args__ = ("at", "event", "id", "display",)
        def __new__(cls, at: datetime, event: NumberEvent, *, id: str | None = None, display: str | None = None) -> Update.Number: ...
        @property
        def id(self) -> str | None:
            """The phone number id, where the update has it."""
            ...
        @property
        def display(self) -> str | None:
            """The number as people see it, where the update has it."""
            ...
        @property
        def at(self) -> datetime:
            """When."""
            ...
        @property
        def event(self) -> NumberEvent:
            """What."""
            ...
    @final
    class Account(Update):
        """Something happened to the business account."""
        __match_args__ = ("at", "event", "account", "display",)
        def __new__(cls, at: datetime, event: AccountEvent, *, account: str | None = None, display: str | None = None) -> Update.Account: ...
        @property
        def account(self) -> str | None:
            """Its id; the business portfolio's for `AccountEvent.Solution`."""
            ...
        @property
        def display(self) -> str | None:
            """The number that it is about, as people see it, where it is about one."""
            ...
        @property
        def at(self) -> datetime:
            """When."""
            ...
        @property
        def event(self) -> AccountEvent:
            """What."""
            ...
    @final
    class Group(Update):
        """Something happened to a group."""
        __match_args__ = ("number", "at", "event", "group",)
        def __new__(cls, number: str, at: datetime, event: GroupEvent, *, group: str | None = None) -> Update.Group: ...
        @property
        def number(self) -> str:
            """The phone number id."""
            ...
        @property
        def group(self) -> str | None:
            """The group's id; missing where none was made."""
            ...
        @property
        def at(self) -> datetime:
            """When."""
            ...
        @property
        def event(self) -> GroupEvent:
            """What."""
            ...
    @final
    class Identity(Update):
        """WhatsApp knows a person by another number or id."""
        __match_args__ = ("receiver", "at", "event", "wa_id", "user_id",)
        def __new__(cls, receiver: str, at: datetime, event: IdentityEvent, *, wa_id: str | None = None, user_id: str | None = None) -> Update.Identity: ...
        @property
        def receiver(self) -> str:
            """The phone number id that they wrote to."""
            ...
        @property
        def wa_id(self) -> str | None:
            """The person's WhatsApp id, where the update has one beside the event."""
            ...
        @property
        def user_id(self) -> str | None:
            """The person's business-scoped id, where the update has one beside the event."""
            ...
        @property
        def at(self) -> datetime:
            """When."""
            ...
        @property
        def event(self) -> IdentityEvent:
            """What changed."""
            ...
    @final
    class Flow(Update):
        """Something happened to a flow."""
        __match_args__ = ("flow", "at", "event",)
        def __new__(cls, flow: str, at: datetime, event: FlowEvent) -> Update.Flow: ...
        @property
        def flow(self) -> str:
            """Its id."""
            ...
        @property
        def at(self) -> datetime:
            """When."""
            ...
        @property
        def event(self) -> FlowEvent:
            """What."""
            ...
    @final
    class App(Update):
        """Something happened in the WhatsApp Business app beside the Cloud API."""
        __match_args__ = ("number", "at", "event", "wa_id", "user_id",)
        def __new__(cls, number: str, at: datetime, event: AppEvent, *, wa_id: str | None = None, user_id: str | None = None) -> Update.App: ...
        @property
        def number(self) -> str:
            """The phone number id."""
            ...
        @property
        def wa_id(self) -> str | None:
            """The WhatsApp id of the person whom it concerns."""
            ...
        @property
        def user_id(self) -> str | None:
            """Their business-scoped id."""
            ...
        @property
        def at(self) -> datetime:
            """When."""
            ...
        @property
        def event(self) -> AppEvent:
            """What."""
            ...
    @final
    class Call(Update):
        """Something happened to a call."""
        __match_args__ = ("number", "call", "at", "event", "wa_id", "user_id", "profile_name",)
        def __new__(cls, number: str, call: str, at: datetime, event: CallEvent, *, wa_id: str | None = None, user_id: str | None = None, profile_name: str | None = None) -> Update.Call: ...
        @property
        def number(self) -> str:
            """The phone number id."""
            ...
        @property
        def call(self) -> str:
            """WhatsApp's id of the call."""
            ...
        @property
        def wa_id(self) -> str | None:
            """The WhatsApp id of the person on its other end."""
            ...
        @property
        def user_id(self) -> str | None:
            """Their business-scoped id."""
            ...
        @property
        def profile_name(self) -> str | None:
            """Their profile name."""
            ...
        @property
        def at(self) -> datetime:
            """When it happened."""
            ...
        @property
        def event(self) -> CallEvent:
            """What."""
            ...
    @final
    class Unknown(Update):
        """A field that conek knows no type for, or an update that did not fit its type. Kept whole."""
        __match_args__ = ("field", "json",)
        def __new__(cls, field: str, json: str) -> Update.Unknown: ...
        @property
        def field(self) -> str:
            """The webhook field, for example `messages`."""
            ...
        @property
        def json(self) -> str:
            """The update as JSON."""
            ...

class Variable:
    """Where a placeholder's value comes from."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Literal(Variable):
        """The same text for everybody."""
        __match_args__ = ("name", "text",)
        def __new__(cls, name: str, text: str) -> Variable.Literal: ...
        @property
        def name(self) -> str:
            """The placeholder's name; empty for numbered ones."""
            ...
        @property
        def text(self) -> str:
            """The text."""
            ...
    @final
    class Attribute(Variable):
        """From the contact: `name`, or one of its attributes."""
        __match_args__ = ("name", "attribute", "fallback",)
        def __new__(cls, name: str, attribute: str, *, fallback: str | None = None) -> Variable.Attribute: ...
        @property
        def name(self) -> str:
            """The placeholder's name; empty for numbered ones."""
            ...
        @property
        def attribute(self) -> str:
            """The contact's field or attribute."""
            ...
        @property
        def fallback(self) -> str | None:
            """Used where the contact has none; without it such a contact is left out."""
            ...
    @final
    class PreferenceLink(Variable):
        """The address of the person's own page of preferences; needs a `public_url` in the configuration."""
        __match_args__ = ("name",)
        def __new__(cls, name: str) -> Variable.PreferenceLink: ...
        @property
        def name(self) -> str:
            """The placeholder's name; empty for numbered ones."""
            ...

class Write:
    """One step of a batch."""
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @final
    class Insert(Write):
        """A new record."""
        __match_args__ = ("record",)
        def __new__(cls, record: Record) -> Write.Insert: ...
        @property
        def record(self) -> Record:
            """The record."""
            ...
    @final
    class Replace(Write):
        """A whole record in place of the one at `version`."""
        __match_args__ = ("record", "version",)
        def __new__(cls, record: Record, version: int) -> Write.Replace: ...
        @property
        def record(self) -> Record:
            """The record."""
            ...
        @property
        def version(self) -> int:
            """The version that must be stored."""
            ...
    @final
    class Put(Write):
        """A whole record, whatever was there."""
        __match_args__ = ("record",)
        def __new__(cls, record: Record) -> Write.Put: ...
        @property
        def record(self) -> Record:
            """The record."""
            ...
    @final
    class Append(Write):
        """A new record at the end of its kind; the storage gives the id."""
        __match_args__ = ("record",)
        def __new__(cls, record: Record) -> Write.Append: ...
        @property
        def record(self) -> Record:
            """The record; its `id` is ignored."""
            ...
    @final
    class Change(Write):
        """A small change."""
        __match_args__ = ("patch",)
        def __new__(cls, patch: Patch) -> Write.Change: ...
        @property
        def patch(self) -> Patch:
            """What changes."""
            ...
    @final
    class Delete(Write):
        """The end of a record."""
        __match_args__ = ("key", "version",)
        def __new__(cls, key: Key, version: int) -> Write.Delete: ...
        @property
        def key(self) -> Key:
            """Which record."""
            ...
        @property
        def version(self) -> int:
            """The version that must be stored."""
            ...
    @final
    class Check(Write):
        """Nothing but the condition that the record is at `version` (0: absent)."""
        __match_args__ = ("key", "version",)
        def __new__(cls, key: Key, version: int) -> Write.Check: ...
        @property
        def key(self) -> Key:
            """Which record."""
            ...
        @property
        def version(self) -> int:
            """The version that must be stored."""
            ...

def decide(facts: Facts, at: datetime) -> Decision:
    """
    What the gate would say of these facts at this moment. Whatever the facts leave out means none, or
    unknown; and unknown never allows.
    """
    ...

def classify_reply(text: str, context: ReplyContext = ...) -> Intent:
    """What a person's message says about being written to, read against what is known of the conversation."""
    ...

def check_content(content: Content, template: Template | None = None) -> None:
    """
    Whether WhatsApp takes a content, as far as that can be known without asking it; with a template's definition, also
    whether its values fit that. The same is asked of every message before it is queued.

    Errors:
    `invalid_input`, with the name of the field.
    """
    ...

def validate_notice(notice: NoticeContents) -> NoticeReport:
    """Whether a privacy notice says all that the law demands (POPIA s18(1), GDPR 13 and 14), and what is missing."""
    ...

def consent_mode(choices: TrackingChoices) -> dict[str, str]:
    """
    The signals of Google's Consent Mode for a visitor's choices: `granted` or `denied` by name. What is essential
    is granted always.
    """
    ...

def reply_words() -> list[ReplyWord]:
    """The words that count as whole messages, with where they are from and who reviewed them."""
    ...

def transfer_allowed(facts: TransferFacts, at: datetime) -> TransferDecision:
    """
    Whether personal data may go to another country (POPIA s72, GDPR 44 to 49), at a moment: mechanisms come and
    go.
    """
    ...

def sharing_allowed(facts: SharingFacts) -> SharingDecision:
    """Whether personal data may be handed to somebody. A sale and a competitor are denied whatever the facts say."""
    ...

def purposes() -> list[PurposeRow]:
    """The closed list of purposes with what each may rest on."""
    ...

def check_basis(purpose: str, basis: LegalBasis, regime: Regime) -> str:
    """
    The provision on which a purpose rests with a basis, or why it cannot.

    Errors:
    `invalid_input` for a code that is none, and for a pair that is unlawful; it names the lawful ones.
    """
    ...

def consent_age(country: str) -> ConsentAge:
    """
    From which age somebody consents alone to a service offered to them online (GDPR 8(1), POPIA s35(1)(a)).
    For a country that is not known: 16.
    """
    ...

def authorities(country: str | None = None) -> list[Authority]:
    """Where people can complain (POPIA s74, GDPR 77): in one country, or in every one that is known."""
    ...

def rules(at: datetime) -> RuleSet:
    """The rules in force with their provisions and dates, and whether they are past their review date at `at`."""
    ...

def next_open_time(at: datetime, zone: str, declared_holidays: Sequence[str]) -> datetime:
    """
    The next moment, `at` or later, at which direct marketing may go to a person in South Africa who lives in
    this IANA zone (CPA s12(2), GN R293 of 2011): no Sunday, no public holiday, Saturday 09:00 to 13:00,
    other days 08:00 to 20:00.

    Errors:
    `invalid_input` for a zone that is none, or a declared day that is no date.
    """
    ...

def public_holidays(year: int, declared: Sequence[str]) -> list[Holiday]:
    """
    The public holidays of South Africa in a year (Act 36 of 1994), those that were declared among them.

    Errors:
    `invalid_input` for a declared day that is no date.
    """
    ...

def parse_phone(text: str, region: str | None = None) -> str:
    """
    A phone number, written in any of the ways people write them, in E.164.

    Errors:
    `invalid_input` for what is no phone number, or has no country code while no region is given.
    """
    ...

def request_deadlines(right: RightKind, regime: Regime, received: datetime, holidays: Sequence[str], country: str | None = None) -> RequestDeadlines:
    """
    When the answer to a data subject's request is due: by the law (GDPR 12(3) with Regulation 1182/71; POPIA and PAIA
    with their days) and by the account's promise of 30 days, whichever comes first; with the longer time that a law
    gives, and the alarms at 50, 80 and 100 percent. `country` gives the zone and the nationwide holidays; `holidays`
    are days beyond those, `YYYY-MM-DD`.

    Errors:
    `invalid_input` for a holiday that is no date.
    """
    ...

def breach_deadlines(facts: BreachFacts) -> list[BreachDeadline]:
    """
    Whom a breach of personal data must be told to, and until when (GDPR 33 and 34, POPIA s22, and the account's
    promise of 72 hours).

    Errors:
    `invalid_input` without the moment of awareness, or for an order to wait that names nobody.
    """
    ...

def breach_contents() -> list[BreachContent]:
    """What a letter about a breach has to say to whom, each with its provision (GDPR 33(3) and 34(2), POPIA s22(5))."""
    ...

def breach_channels(to: BreachAudience, channels: Sequence[BreachChannel], disproportionate: bool) -> ChannelVerdict:
    """
    Whether somebody counts as told by these ways, and which would count (POPIA s22(4), GDPR 34). WhatsApp comes on
    top. `disproportionate`: whether telling each person would be a disproportionate effort (GDPR 34(3)(c)).
    """
    ...

def retention_due(facts: RetentionFacts, rules: RetentionRules) -> RetentionDue:
    """
    When a record is over by the retention rules, and what is done then: the latest of a law's floor and the earliest
    date by the rules, and not before every hold has ended. Rules left out are conek's own.

    Errors:
    `invalid_input` without a class, or for rules that a law forbids.
    """
    ...

def publishable(cells: Sequence[StatisticsCell], least_people: int) -> Statistics:
    """
    Of counts over people, those that may be kept and shown: each over at least `least_people`, and enough left out
    beside the small ones that no total gives them away.

    Errors:
    `invalid_input` for fewer than 2 people.
    """
    ...

@final
class Engine:
    """
    A messaging engine on one database.

    Cheap to clone; the engine ends with its last clone and handle, or with `Engine.close`.
    """
    def session(self, actor: Actor) -> Engine:
        """The same engine as somebody sees it who may do less: every call is checked against their scopes, what they do not see is masked, and the audit log names them. The host authenticates; conek authorises."""
        ...
    @property
    def rights(self) -> Rights:
        """The rights of data subjects."""
        ...
    @property
    def retention(self) -> Retention:
        """What is kept for how long."""
        ...
    @property
    def registers(self) -> Registers:
        """The account's registers."""
        ...
    @property
    def incidents(self) -> Incidents:
        """The register of breaches."""
        ...
    @property
    def keys(self) -> Keys:
        """The account's keys."""
        ...
    @property
    def audit(self) -> Audit:
        """The account's audit log."""
        ...
    @property
    def contacts(self) -> Contacts:
        """The account's contacts."""
        ...
    @property
    def consent(self) -> Consent:
        """The account's consent ledger."""
        ...
    @property
    def notices(self) -> Notices:
        """The account's privacy notices."""
        ...
    @property
    def policy(self) -> Policy:
        """The gate, for questions."""
        ...
    @property
    def messages(self) -> Messages:
        """The account's messages."""
        ...
    @property
    def templates(self) -> Templates:
        """The account's templates."""
        ...
    @property
    def media(self) -> MediaLibrary:
        """Files for people's phones, and those that people sent."""
        ...
    @property
    def platform(self) -> Platform:
        """
        The account at WhatsApp. Whoever manages it needs the scope `account_admin`; every change is logged. Nothing is
        repeated by itself: where an error's retry is `unknown`, look before you repeat the call.
        """
        ...
    @property
    def flow_endpoint(self) -> FlowEndpoint:
        """
        The endpoint that a flow's phones ask (Meta: WhatsApp Flows > Implementing your flow endpoint). The host serves its
        address; conek checks, opens and encrypts. Nothing of a request is stored or logged. It needs the scope
        `inbound_receive` and `Config.flow_keys`.
        """
        ...
    @property
    def campaigns(self) -> Campaigns:
        """The account's campaigns."""
        ...
    @property
    def inbound(self) -> Inbound:
        """What comes in."""
        ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *_raised: object) -> None: ...
    async def settle(self, timeout_ms: int = 30000) -> bool:
        """
        Waits until nothing is due, on its way or unapplied, at most `timeout_ms` milliseconds.
        Says whether it got there. Messages whose time has not come do not count.

        Errors:
        Only those of the storage.
        """
        ...
    async def resume(self) -> None:
        """
        Lets numbers send again that WhatsApp stopped, by an error or by a webhook, or that wait because this
        database is a restored copy. Messages that were queued in the copy stay held: see `messages.held`.

        Errors:
        Only those of the storage.
        """
        ...
    async def backup(self, to: str) -> None:
        """
        Writes a consistent copy of the database to a new file while work goes on. The copy knows
        that it is one: an engine that opens it holds everything back until it is resumed.

        Errors:
        `invalid_input` when the file exists; `storage_*` when it cannot be written.
        """
        ...
    async def verify(self, deep: bool) -> StoreReport:
        """
        Looks over the store: the database's own structure, the audit log's chain, the clock, the journal; `deep`:
        every record too. It opens what is sealed, tells the ledger of consent again, and compares contacts with the
        indexes and the suppression list by which they are found, messages with their attempts and queues, keys with
        their owners. Nothing is changed.

        Errors:
        `forbidden` without the scope `audit_read`. What is wrong is no error: the report names it.
        """
        ...
    async def repair(self) -> StoreReport:
        """
        Looks over the store deeply and mends what can be derived anew: the tokens by which contacts are found, the
        suppression list, the queues in which messages wait, attempts and deliveries without a message. What cannot
        be derived is named and left: restore a backup.

        Errors:
        `forbidden` without the scope `account_admin`; those of the storage.
        """
        ...
    async def close(self) -> None:
        """
        Stops sending, waits until what is on its way is stored, and closes the database.

        Errors:
        Only those of the storage.
        """
        ...
    async def migrate(self, to: str) -> Migrated:
        """
        Ends this engine and moves everything that is in its database into the empty database `to`, the path of an
        SQLite file or the URL of a PostgreSQL database: up when one machine is too small, and back. Open the engine
        there afterwards, with `Config.database` or `Config.path`, and with the same `Config.key_file`, beside which
        the journal lies.

        What was written is read back and compared before it counts: how many records of each kind, and a fingerprint
        of all. Epoch, queue, audit log and sealed keys are as they were; what waits goes out from there. The database
        that was left says so when somebody opens it. It takes room for one more copy meanwhile, and every account of
        the database goes along. After an error the store stays where it was, and can be opened again.

        Errors:
        `invalid_input` with a storage that the host brought, and when `to` cannot be opened; `conflict` when it holds
        anything; `storage_corrupt` when what was read back is not what was written.
        """
        ...
    async def status(self) -> EngineStatus:
        """
        What the engine is doing.

        Errors:
        Only those of the storage.
        """
        ...
    async def metrics(self) -> str:
        """
        Numbers for operators in Prometheus' text format (`text/plain; version=0.0.4`): the gate's answers by reason,
        requests by what they came to, webhooks and updates, how long each took, how deep the queues are, in which
        state each number is. Counters begin at zero when the engine is opened. None says anything of a person.

        A host in Rust that has installed a recorder of the crate `metrics` before has the same numbers there.

        Errors:
        Only those of the storage.
        """
        ...

@final
class Rights:
    """The rights of data subjects."""
    async def get(self, id: str) -> RightsRequest:
        """
        Reads a request.

        Errors:
        `not_found`.
        """
        ...
    async def requests(self, person: str | None = None, after: str | None = None, limit: int = 100) -> RequestPage:
        """
        Requests, the oldest first, at most 1,000 a page: all, or a person's.

        Errors:
        `invalid_input` for a limit outside 1 to 1,000.
        """
        ...
    async def due(self, at: datetime | None = None) -> DueList:
        """
        What a human must do, the most urgent first: by when, and how much of the time is gone (alarms at 50, 80 and
        100 percent). As of `at`; now, if missing.

        Errors:
        Only those of the storage.
        """
        ...
    async def check_identity(self, id: str, check: IdentityCheck) -> RightsRequest:
        """
        Records whether it is the person who asks (GDPR 12(6), POPIA s23(1)).

        Errors:
        `not_found`; `invalid_input` without a method; `conflict` for a request that has ended.
        """
        ...
    async def fulfil(self, id: str, right: RightKind, note: str | None = None) -> RightsRequest:
        """
        Says that one right of a request was answered. An erasure and a correction are done by it: the person is
        erased, the corrections of the request are applied.

        Errors:
        `not_found`; `conflict` while it is not known who asks, while a legal hold stands against an erasure, or
        where the right was not asked for or was answered.
        """
        ...
    async def refuse(self, id: str, right: RightKind, ground: RefusalGround, explanation: str) -> RightsRequest:
        """
        Refuses one right of a request. It needs its ground, and an explanation for the person. Nothing stands
        against a withdrawal or an objection to direct marketing.

        Errors:
        `not_found`; `invalid_input` for a ground that does not fit, or without an explanation; `conflict` where the
        right was not asked for or was answered.
        """
        ...
    async def extend(self, id: str, reason: str) -> RightsRequest:
        """
        Takes the longer time that the law gives, once, and only within the first one: the person must be told now,
        and why (GDPR 12(3), PAIA s57). The account's own promise gives way to it.

        Errors:
        `not_found`; `invalid_input` without a reason, too late, or where no law gives more; `conflict` a second
        time.
        """
        ...
    async def end(self, id: str, duplicate_of: str | None = None) -> RightsRequest:
        """
        The person took the request back, or it repeats another (`duplicate_of`). What took effect at once stays.

        Errors:
        `not_found`; `conflict` for a request that has ended.
        """
        ...
    async def export(self, person: str, to: str, options: ExportOptions = ...) -> ExportReport:
        """
        Writes everything about a person to a new file `to` (GDPR 15 and 20, POPIA s23): a signed ZIP with a page to
        read in the person's language, JSON with published schemas, the same as CSV, a vCard, and receipts of their
        consent. Every kind of record that names them is in it, whatever its size. With `recipient` only that age key
        opens it.

        Give it to nobody before it is known who asks. The file holds personal data in clear, unless it is encrypted.

        Errors:
        `not_found`; `conflict` when the file exists; `invalid_input` where it cannot be written, or for a recipient
        that is none; `forbidden` without the scope `contacts_export`, or with a mask.
        """
        ...
    async def erase(self, person: str, options: ErasureOptions = ...) -> ErasureProof:
        """
        Erases a person (GDPR 17, POPIA s24): their key and every record that concerns them, in one commit. What
        stays: the suppression list, this proof, which names nobody, and what a law wants kept, restricted and sealed
        under a key of its own. `recipients` of the proof must be told (GDPR 19). Written into the journal first, so
        that no restored copy brings them back.

        Errors:
        `not_found`. A legal hold is no error: the proof says that it is not done, and by what it is held.
        """
        ...
    async def erasures(self, after: str | None = None, limit: int = 100) -> ErasurePage:
        """
        The proofs of erasures, at most 1,000 a page.

        Errors:
        `invalid_input` for a limit outside 1 to 1,000.
        """
        ...
    async def retained(self, after: str | None = None, limit: int = 100) -> RetainedPage:
        """
        What is kept after erasures because a law wants it, closed: what and until when, not whose.

        Errors:
        `invalid_input` for a limit outside 1 to 1,000.
        """
        ...
    async def open_retained(self, id: str, purpose: str) -> RetainedItem:
        """
        Opens one thing that is kept because a law wants it, for whoever the law gives it to: it is restricted, and
        `purpose` goes into the audit log.

        Errors:
        `not_found`; `invalid_input` without a purpose.
        """
        ...
    async def rectify(self, person: str, rectification: Rectification = ...) -> list[str]:
        """
        Corrects what is known of a person (GDPR 16, POPIA s24), or attaches their statement to it. Answers who must
        be told (GDPR 19, POPIA s24(3)).

        Errors:
        `not_found`; `invalid_input` for a value that is none; `conflict` for a number that another contact has.
        """
        ...
    async def statements(self, person: str) -> list[str]:
        """
        The statements that a person attached to data which the account holds to be right (POPIA s24(2)(d)).

        Errors:
        `not_found`.
        """
        ...

@final
class Retention:
    """What is kept for how long."""
    async def sweep(self, most: int | None = None) -> SweepReport:
        """
        Ends what is over (POPIA s14, GDPR 5(1)(e)), in small commits, and says what went and why. The engine does
        it by itself once a day; this does it now. `most` bounds the records looked at; all, if missing.

        Errors:
        `invalid_input` for a bound below 1; `forbidden` without `privacy_erase`.
        """
        ...
    async def preview(self) -> SweepPreview:
        """
        What a sweep would do at this moment. Nothing is changed.

        Errors:
        Only those of the storage.
        """
        ...
    async def hold(self, hold: LegalHold) -> None:
        """
        Keeps data from erasure while a dispute or an order lasts (GDPR 17(3)(e)): a person's, or everybody's. A
        hold keeps and allows nothing: whoever asked to be erased is restricted meanwhile, and erased when it ends.

        Errors:
        `invalid_input` without a reference, or with an end in the past; `not_found` for an unknown person.
        """
        ...
    async def lift_hold(self, reference: str) -> None:
        """
        Ends a hold. What it kept and was over goes with the next sweep.

        Errors:
        `not_found`.
        """
        ...
    async def holds(self) -> list[LegalHold]:
        """
        Every hold.

        Errors:
        Only those of the storage.
        """
        ...
    async def record_activity(self, person: str, at: datetime | None = None) -> None:
        """
        Notes that a person was active in a way that conek does not see: a purchase, a click. The time of marketing
        data counts from there; the account's own messages never do.

        Errors:
        `not_found`; `invalid_input` for a moment in the future.
        """
        ...
    async def statistics(self, from_day: str, to_day: str, least_people: int | None = None) -> Statistics:
        """
        Counts of messages by week, purpose and country, from which nobody can be made out: each is over at least
        `least_people` people (10 if missing), and what is left out cannot be found by subtraction. They stay when
        the messages are gone. Whole weeks only, from the week of `from_day` on.

        Errors:
        `invalid_input` for days that are none, more than ten years, or fewer than 2 people.
        """
        ...

@final
class Registers:
    """The account's registers."""
    async def disclose(self, disclosure: NewDisclosure) -> Disclosure:
        """
        Enters that personal data went to somebody. What may not be disclosed cannot be entered: a sale and a
        competitor never, a partner only with consent, an authority only with its legal reference.

        Errors:
        `denied` with the reasons; `invalid_input` without a name or categories; `not_found` for an unknown person.
        """
        ...
    async def disclosures(self, person: str | None = None, after: str | None = None, limit: int = 100) -> DisclosurePage:
        """
        The register of disclosures, at most 1,000 entries a page; with a person, those of their data alone and
        those of everybody's.

        Errors:
        `invalid_input` for a limit outside 1 to 1,000.
        """
        ...
    async def enter_transfer(self, transfer: NewTransfer) -> Transfer:
        """
        Enters a transfer to another country (POPIA s72, GDPR 44 to 49). One that rests on nothing that holds today
        is refused: the Privacy Shield since 16 July 2020.

        Errors:
        `denied` with the reasons; `invalid_input` without a recipient.
        """
        ...
    async def transfers(self) -> list[Transfer]:
        """
        The register of transfers, each judged by what holds today.

        Errors:
        Only those of the storage.
        """
        ...
    async def processing(self) -> ProcessingRecord:
        """
        The record of processing activities (GDPR 30(1), POPIA s17), made from the notices in force, the registers
        and the retention rules.

        Errors:
        Only those of the storage.
        """
        ...

@final
class Incidents:
    """The register of breaches."""
    async def get(self, id: str) -> BreachCase:
        """
        Reads a case.

        Errors:
        `not_found`.
        """
        ...
    async def cases(self, after: str | None = None, limit: int = 100) -> BreachPage:
        """
        The register: every case, the oldest first, at most 1,000 a page.

        Errors:
        `invalid_input` for a limit outside 1 to 1,000.
        """
        ...
    async def due(self, at: datetime | None = None) -> list[BreachTask]:
        """
        What is to be done about every case that is not closed, as of `at`; now, if missing. Each duty says since
        when it is warned of (24 hours before it is due at the latest) and until when it is due.

        Errors:
        Only those of the storage.
        """
        ...
    async def revise(self, id: str, details: BreachDetails = ...) -> BreachCase:
        """
        Says anew what is known. Letters that went out stay as they were; a moved moment of awareness is noted.

        Errors:
        `not_found`; `invalid_input` for details that make no sense; `conflict` for a closed case.
        """
        ...
    async def assess(self, id: str, assessment: BreachAssessment = ...) -> BreachCase:
        """
        Says how likely harm is, and why. Whom the law wants told follows from it.

        Errors:
        `not_found`; `invalid_input` for a risk that is unknown or has no reason; `conflict` for a closed case.
        """
        ...
    async def letter(self, id: str, to: BreachAudience, language: str | None = None) -> BreachLetter:
        """
        The letter to somebody as it stands now, in a language or the nearest there is: plain words, all that the
        law wants said and the case knows. What it does not know is left out and named in `missing`; the letter is
        then the first of several (GDPR 33(4)).

        Errors:
        `not_found`; `conflict` for somebody who need not be told.
        """
        ...
    async def record_notice(self, id: str, notice: NewBreachNotice) -> BreachCase:
        """
        Enters a letter that went out, and how that is proved. Every way is entered; whether it counts is the law's
        to say: WhatsApp and a call only in addition (POPIA s22(4), GDPR 34).

        Errors:
        `not_found`; `invalid_input` without proof, for a moment in the future, or for a final letter that leaves
        something out; `conflict` for a closed case.
        """
        ...
    async def delay(self, id: str, order: DelayOrder, what: str) -> BreachCase:
        """
        Enters an order to wait with telling the people: only a body that detects or prosecutes offences, or the
        Regulator, can give one (POPIA s22(3)). `what` says why.

        Errors:
        `not_found`; `invalid_input` for an order that names nobody; `conflict` for a closed case.
        """
        ...
    async def lift_delay(self, id: str, reference: str) -> BreachCase:
        """
        Notes that an order to wait was taken back: the people are told now.

        Errors:
        `not_found`, for the order too.
        """
        ...
    async def close(self, id: str) -> BreachCase:
        """
        Closes a case. It needs the risk assessed, and everybody whom the law or the promise wants told: all of it,
        in a way that counts.

        Errors:
        `not_found`; `conflict` with everything that stands against it.
        """
        ...
    async def reopen(self, id: str, reason: str) -> BreachCase:
        """
        Opens a closed case again, because something new is known.

        Errors:
        `not_found`; `invalid_input` without a reason; `conflict` for a case that is open.
        """
        ...
    async def affected(self, query: AffectedQuery, after: str | None = None, limit: int = 100) -> AffectedPage:
        """
        Finds whose data a breach concerns: by country, by when they were there, by which kinds of record are kept of
        them, and by what an actor's account did in a time, from the audit log. Looks at `limit` contacts at a time,
        at most 1,000; go on until `next` is missing.

        Errors:
        `invalid_input` for a limit outside 1 to 1,000.
        """
        ...

@final
class Keys:
    """The account's keys."""
    async def rotate(self) -> RotationReport:
        """
        Puts a new wrapping key in place of the present one while work goes on, and takes every person's key over to
        it. The key file gets a new key of its own; with a key provider of the host's, the root key is wrapped anew
        with whatever the provider wraps with now: rotate there first, and let it open both for as long as this
        runs. Called again, or opened again after a crash, it goes on where it was.

        Errors:
        `key` when a key cannot be opened or the key file cannot be written; `forbidden` without `keys_rotate`.
        """
        ...
    async def rotation(self) -> RotationReport | None:
        """
        Where the last rotation stands; `None` if there was none.

        Errors:
        Only those of the storage; `forbidden` without `keys_rotate`.
        """
        ...
    async def public_key(self) -> bytes:
        """
        The public half of the account's signing key, Ed25519, 32 bytes: exports and the audit log are signed with
        the other.

        Errors:
        None.
        """
        ...

@final
class Audit:
    """The account's audit log."""
    async def actor(self) -> Actor:
        """
        Who calls through this handle.

        Errors:
        None.
        """
        ...
    async def entries(self, query: AuditQuery, limit: int = 100) -> AuditPage:
        """
        Entries of the log, the oldest first: who did what with whose data, for what, and whether they were
        admitted (POPIA s19, GDPR 5(2) and 32). At most 1,000 a page.

        Errors:
        `invalid_input` for a limit outside 1 to 1,000; `forbidden` without the scope `audit_read`.
        """
        ...
    async def head(self) -> AuditHead | None:
        """
        Signs everything up to now and gives the end of the chain. Kept elsewhere, it proves later that the log's
        end was not cut off. `None` while nothing was logged.

        Errors:
        `forbidden` without the scope `audit_read`.
        """
        ...
    async def verify(self, known: AuditHead | None = None) -> AuditReport:
        """
        Looks over the whole log and names what was changed, removed, added or put in another order. `known`: a
        head from earlier, kept elsewhere. People who were erased meanwhile do not matter: the log holds pseudonyms.

        Errors:
        `forbidden` without the scope `audit_read`.
        """
        ...

@final
class Contacts:
    """The account's contacts."""
    async def import_file(self, path: str, options: ImportOptions = ...) -> ImportReport:
        """
        Imports a CSV file of people, row by row, in bounded memory whatever its size.

        The columns are found by their headings (`phone`, `name`, `language`, `time_zone`, `country`,
        `source`, `context`, `obtained_at`, `objection_offered`, `evidence`, `consent`,
        `consent_evidence`, `consent_at`, and usual synonyms); every other column becomes an attribute.
        A bad row is reported and the rest still counts. A file never creates consent without evidence.

        Errors:
        `invalid_input` when the file is missing, is no CSV, or has neither a phone nor a BSUID column.
        """
        ...
    async def import_csv(self, bytes: bytes, options: ImportOptions = ...) -> ImportReport:
        """
        Imports the bytes of a CSV file; see `Contacts.import_file`.

        Errors:
        As `Contacts.import_file`.
        """
        ...
    async def upsert(self, contact: NewContact) -> Contact:
        """
        Creates a contact, or brings the one with the same number or BSUID up to date. What is
        `None` stays as it is. The suppression list is checked: who opted out stays opted out.

        Errors:
        `invalid_input` for a number, BSUID, zone or country that is none; `conflict` when number and
        BSUID belong to two different contacts.
        """
        ...
    async def open_dialogue(self, id: str, commands: Sequence[str], until: datetime) -> None:
        """
        Says that a dialogue of the host's own is open with a person, which understands these whole messages
        as commands until `until`. CANCEL, END or QUIT among them become a question instead of an opt-out;
        no dialogue takes STOP over. An empty list closes it.

        Errors:
        `not_found`; `invalid_input` for more than 100 commands or one longer than 100 characters.
        """
        ...
    async def get(self, id: str) -> Contact:
        """
        Reads a contact.

        Errors:
        `not_found`.
        """
        ...
    async def merge(self, keep: str, other: str) -> Contact:
        """
        Makes one contact of two that are one person: a number and a BSUID that were met apart. Everything of the
        other becomes the kept one's: messages, consent, answers, in one commit. What is more restrictive holds: a
        no of either is the no of both, and both addresses stand on the suppression list if one did. A
        campaign's message that waits for the other is taken back where the kept one has its own. The other's id
        still finds the contact.

        Errors:
        `not_found`; `conflict` when both have a number of their own; `invalid_input` for one contact twice.
        """
        ...
    async def unmerge(self, other: str) -> Contact:
        """
        Takes a merge back: the contact that went is there again under its id, with its identifiers and everything
        that was handed over. What came since stays with the one that was kept, and every no, from before or since,
        holds for both, as nobody knows whose it was. It can be taken back for 90 days. Gives the contact that is back.

        Errors:
        `not_found` for a contact that was not merged into another, or too long ago; `conflict` when another contact has one of its
        identifiers meanwhile.
        """
        ...
    async def lookup(self, recipient: Recipient) -> Contact | None:
        """
        Finds a contact by id, number in any notation, or BSUID.

        Errors:
        `invalid_input` for a number that is none.
        """
        ...
    async def list(self, after: str | None = None, limit: int = 100) -> ContactPage:
        """
        Lists contacts, the oldest first, at most 1,000 a page.

        Errors:
        `invalid_input` for a limit outside 1 to 1,000.
        """
        ...
    async def count(self) -> int:
        """
        Counts the contacts.

        Errors:
        Only those of the storage.
        """
        ...

@final
class Consent:
    """The account's consent ledger."""
    async def record(self, entry: ConsentEntry) -> ConsentView:
        """
        Records what a person said, with what proves it.

        Given consent lifts an earlier opt-out only if the person acted after it.

        Errors:
        `invalid_input` for consent without evidence (POPIA s11(2)(a)) or a purpose that does not
        rest on consent; `not_found` for an unknown person.
        """
        ...
    async def withdraw(self, person: str, purpose: Purpose, source: ConsentSource) -> ConsentView:
        """
        Takes a person's consent back. Once this returns, no send of that purpose to them begins,
        whatever was queued; for marketing, their number goes on the suppression list.

        Errors:
        `not_found` for an unknown person.
        """
        ...
    async def confirm(self, person: str, purpose: Purpose, source: ConsentSource, evidence: Evidence = ...) -> ConsentView:
        """
        The person confirms a consent (double opt-in). Where the account demands it (`policy.tighten`),
        consent counts from then on.

        Errors:
        `invalid_input` without a consent to confirm, or without proof; `not_found` for an unknown person.
        """
        ...
    async def declare(self, declaration: Declaration) -> None:
        """
        Declares what is known of a person beside consent: an objection, a restriction, a demand to
        desist, an age, an agreement to hours, that the number changed hands. Each is stronger than consent.
        Once this returns, no send begins that it forbids.

        A child reported by a guardian is erased, and stays on the suppression list for everything.

        Errors:
        `invalid_input` for what cannot be, or needs proof and has none; `not_found` for an unknown person.
        """
        ...
    async def declarations(self, person: str) -> list[Declared]:
        """
        What was declared about a person, the oldest first.

        Errors:
        `not_found` for an unknown person.
        """
        ...
    async def status(self, person: str) -> list[ConsentView]:
        """
        Where a person's consent stands, by purpose. Purposes that nothing was said about are missing.

        Errors:
        `not_found` for an unknown person.
        """
        ...
    async def history(self, person: str) -> list[ConsentEvent]:
        """
        Every consent event of a person, the oldest first.

        Errors:
        `not_found` for an unknown person.
        """
        ...
    async def is_suppressed(self, recipient: Recipient) -> bool:
        """
        Whether an address is on the account's suppression list, known contact or not.

        Errors:
        `invalid_input` for a number that is none; `not_found` for an unknown contact id.
        """
        ...
    async def suppress(self, recipient: Recipient) -> None:
        """
        Puts an address on the account's suppression list for marketing, known contact or not: for opt-outs that
        reached the account by another way, and for lists of another system. Only a new consent of the person
        takes it off.

        Errors:
        `invalid_input` for a number or BSUID that is none; `not_found` for an unknown contact id.
        """
        ...
    async def preference_link(self, person: str) -> str:
        """
        The address of a person's page of preferences, for a message: it shows what they may be sent, and one
        button ends it. `inbound.handle_http` answers it. Following it changes nothing; the button acts, as does a
        one-click request (RFC 8058). Who has the link needs no password, as it must be as easy to withdraw
        consent as to give it (GDPR 7(3)).

        Errors:
        `not_found`; `invalid_input` without a `public_url` in the configuration.
        """
        ...
    async def receipt(self, person: str, purpose: Purpose) -> str:
        """
        A receipt of what a person agreed to, refused and withdrew for a purpose: JSON-LD in the terms of the W3C
        Data Privacy Vocabulary, with the fields of ISO/IEC TS 27560. The person is named by a pseudonym, and
        texts by their fingerprint, so that it can be shown without telling more.

        Errors:
        `not_found` for an unknown person, or one who has said nothing about this purpose.
        """
        ...
    async def suppressions(self, after: str | None = None, limit: int = 100) -> SuppressionPage:
        """
        The account's suppression list, at most 1,000 entries a page: keep a copy of it away from the backups,
        and give it to `restore_suppressions` when an older database is brought back.

        Errors:
        `invalid_input` for a limit outside 1 to 1,000.
        """
        ...
    async def restore_suppressions(self, entries: Sequence[SuppressionEntry]) -> int:
        """
        Adds entries of the same account's list, and suppresses every contact that they name. What holds already is
        not weakened. Says how many contacts were suppressed by it.

        Errors:
        `invalid_input` for a key that is none; then nothing was added.
        """
        ...
    async def set_tracking(self, visitor: str, choices: TrackingChoices = ..., person: str | None = None, notice: str | None = None) -> TrackingPreference:
        """
        Records what a visitor chose. `visitor` is the host's own key of the device or session; it is stored as
        a keyed fingerprint alone. Of a known contact it belongs to their data.

        Errors:
        `invalid_input` for an empty key; `not_found` for an unknown contact or notice.
        """
        ...
    async def tracking(self, visitor: str) -> TrackingPreference:
        """
        What a visitor chose last.

        Errors:
        Only those of the storage.
        """
        ...
    async def tracking_history(self, visitor: str) -> list[TrackingPreference]:
        """
        Every choice of a visitor, the oldest first: the proof of what was allowed when (GDPR 7(1)).

        Errors:
        Only those of the storage.
        """
        ...

@final
class Notices:
    """The account's privacy notices."""
    async def publish(self, notice: NewNotice) -> Notice:
        """
        Publishes a version of the privacy notice. It is never changed afterwards.

        Errors:
        `invalid_input` for an empty text, for a second version without a summary of what changed, and for
        contents without what the law demands: it names everything that is missing.
        """
        ...
    async def current(self, language: str) -> Notice | None:
        """
        The version in force in a language.

        Errors:
        Only those of the storage.
        """
        ...
    async def acknowledge(self, person: str, notice: str) -> None:
        """
        Records that a person was shown a notice. This is never consent: nothing turns one into the other.

        Errors:
        `not_found` for an unknown person or notice.
        """
        ...
    async def acknowledged(self, person: str) -> list[Acknowledgement]:
        """
        Which versions a person was shown, and when, the oldest first.

        Errors:
        `not_found` for an unknown person.
        """
        ...
    async def acknowledgements(self, notice: str, after: str | None = None, limit: int = 100) -> list[Acknowledgement]:
        """
        Who was shown a version, at most 1,000 a page.

        Errors:
        `invalid_input` for a limit outside 1 to 1,000.
        """
        ...
    async def needs_renewal(self, after: str | None = None) -> RenewalPage:
        """
        Who consented under a version that a material change has overtaken, and has to be asked again before
        marketing goes on; at most 1,000 contacts are looked at for one page.

        Errors:
        Only those of the storage.
        """
        ...

@final
class Policy:
    """The gate, for questions."""
    async def check(self, draft: Draft) -> Explanation:
        """
        What the gate would say about a message now, with every reason and its provision. Nothing is
        queued.

        Errors:
        `invalid_input` for a draft that could never be sent; `not_found` for an unknown contact id.
        """
        ...
    async def explain(self, message: str) -> Explanation:
        """
        Why a message was sent, waits, or was not sent, from the facts stored with the decision.

        Errors:
        `not_found` for an unknown message; `key` when the person was erased and the facts with them.
        """
        ...
    async def replay(self, message: str) -> Decision:
        """
        Decides once more from the facts stored with a message's latest attempt, by the rules of this
        version: the same rules give the same answer, years later.

        Errors:
        `not_found` for an unknown message, or one that no attempt was made for.
        """
        ...
    async def rules(self) -> RuleSet:
        """
        The rules in force, each with its provision and dates, and whether they are past their review date.

        Errors:
        None.
        """
        ...
    async def tighten(self, tightening: Tightening, reason: str) -> SettingChange:
        """
        Makes the gate stricter than the law. It holds from the next decision on, also for what waits.

        Errors:
        `invalid_input` for an age below 18, hours that are none, or an unknown zone.
        """
        ...
    async def relax(self, tightening: Tightening, reason: str) -> SettingChange:
        """
        Takes a tightening back; needs the reason, because it makes the gate less strict.

        Errors:
        `invalid_input` without a reason.
        """
        ...
    async def loosen(self, loosening: Loosening, reason: str) -> SettingChange:
        """
        Takes a less strict reading on the account where the law is open or conek has no rules. It is
        recorded with its reason, and stands in the facts of each decision. What the law settles cannot be loosened.

        Errors:
        `invalid_input` without a reason, for an age below 13, or for what is no country.
        """
        ...
    async def restore(self, loosening: Loosening, reason: str) -> SettingChange:
        """
        Takes a loosening back.

        Errors:
        Only those of the storage.
        """
        ...
    async def settings(self) -> AccountSettings:
        """
        What the account has made stricter and less strict, as it stands.

        Errors:
        None.
        """
        ...
    async def changes(self) -> list[SettingChange]:
        """
        Every change of the settings with its reason, the oldest first.

        Errors:
        Only those of the storage.
        """
        ...
    async def assess(self, assessment: Assessment) -> None:
        """
        Records a legitimate-interest assessment. Without one, nothing rests on a legitimate interest.

        Errors:
        `invalid_input` for an assessment with an empty part.
        """
        ...
    async def record_cleansing(self, cleansing: Cleansing) -> CleansingReport:
        """
        Records a comparison of the contacts with the national opt-out registry (CPA regulation 4). From then
        on direct marketing in South Africa needs one from within the last month, and a block stands against it.

        Errors:
        `invalid_input` for a moment in the future or a list without a name.
        """
        ...
    async def declare_holiday(self, day: str) -> None:
        """
        Declares a day a public holiday in South Africa, as the President may (Public Holidays Act
        s2A), for example an election day. `YYYY-MM-DD`; declaring it again changes nothing.

        Errors:
        `invalid_input` for anything but a date.
        """
        ...

@final
class Messages:
    """The account's messages."""
    async def send(self, draft: Draft) -> Sent:
        """
        Queues a message, durably, and returns; the engine sends it. The gate decides now and once
        more right before the message leaves.

        Safe to drop: a message that was stored is sent whether or not anybody waits.

        Errors:
        `denied` with every reason when the gate says no; `invalid_input` for content that WhatsApp
        would refuse, an unknown template or a missing variable; `conflict` when another message was
        sent under the same dedupe key.
        """
        ...
    async def send_many(self, drafts: Sequence[Draft]) -> list[SendResult]:
        """
        Queues many messages in one go: one result for each draft, in order. At most 10,000.

        Safe to drop, as `Messages.send`.

        Errors:
        `invalid_input` for too many drafts; what is wrong with one draft stands in its own result.
        """
        ...
    async def get(self, id: str) -> Message:
        """
        Reads a message with what became of it.

        Errors:
        `not_found`.
        """
        ...
    async def wait(self, id: str, timeout_ms: int = 30000) -> Message:
        """
        Waits until a message is final, at most `timeout_ms` milliseconds, and reads it.

        Errors:
        `not_found`. Running out of time is no error: look at the message's state.
        """
        ...
    async def cancel(self, id: str) -> Message:
        """
        Takes a message back that has not left yet.

        Errors:
        `conflict` when it is on its way or final already; `not_found`.
        """
        ...
    async def of_person(self, person: str, limit: int = 100) -> list[Message]:
        """
        Messages to a person, the newest first, at most 1,000.

        Errors:
        `invalid_input` for a limit outside 1 to 1,000.
        """
        ...
    async def held(self, after: str | None = None, limit: int = 100) -> MessagePage:
        """
        Messages that are held, the oldest first: after a restore they may have been sent already by
        the store that was lost, so that only a human may release them.

        Errors:
        `invalid_input` for a limit outside 1 to 1,000.
        """
        ...
    async def release(self, id: str) -> Message:
        """
        Lets a held message go to its queue after all. Whoever calls this answers for the chance that
        the person gets it twice.

        Errors:
        `conflict` when it is not held; `not_found`.
        """
        ...

@final
class Templates:
    """The account's templates."""
    async def compare(self, name: str, language: str, other_name: str, other_language: str, days: int) -> TemplateComparison:
        """
        Puts two templates beside each other over the last 7, 30, 60 or 90 days: how often each was sent, after which
        of them people blocked the business less often, and why. Both must have been sent a thousand times.

        Errors:
        `invalid_input` for other days, or a template beside itself; `not_found` for one that is not stored, or not at
        WhatsApp; `transport` for one that was sent less often.
        """
        ...
    async def migrate(self, source: TemplateSource) -> TemplateMigration:
        """
        Copies templates of another account of the same business into this one: those that are named, or a page of all.
        Of all, ask page after page until one comes back empty. Only approved ones of green or unknown quality are
        copied. `sync` reads the copies afterwards (Meta: Template migration).

        Errors:
        `invalid_input` for more than 500 templates, or a page or a count that is none; `transport`. A template that is
        not copied is no error: see `failed`.
        """
        ...
    async def library(self, query: LibraryQuery, after: str | None = None, limit: int = 100) -> LibraryPage:
        """
        What WhatsApp's library has, at most `limit` (1 to 100) of it; the next page begins at `after`.

        Errors:
        `transport` with code 100 for a topic, use case or industry that there is not.
        """
        ...
    async def create_from_library(self, template: NewFromLibrary) -> MadeFromLibrary:
        """
        Makes a template from one of the library. Its words are those of the library; the business gives addresses and
        numbers of buttons. It is approved at once as a rule, and kept here as it stands at WhatsApp then.

        Errors:
        `invalid_input` for what WhatsApp would refuse; `transport` with code 100 for one that the library does not
        have, with subcode 2388024 for a name that is taken.
        """
        ...
    async def submit(self, name: str, language: str, examples: TemplateExamples = ...) -> Template:
        """
        Submits a stored template to WhatsApp for review, with examples in place of its values. It is kept with the
        status that WhatsApp answers, and is sent once that is `APPROVED`: a webhook tells, or `sync`. WhatsApp takes
        100 new templates an hour.

        Errors:
        `not_found` for a template that is not stored; `denied` for one that the law has something against;
        `invalid_input` where an example is missing; `transport`, for one that exists already with subcode 2388024.
        """
        ...
    async def edit(self, template: Template, examples: TemplateExamples = ...) -> Template:
        """
        Changes a template at WhatsApp: all its components, and of one that is not approved the category too. It is
        kept as it was given, with the status that WhatsApp has for it then. An approved one can be edited once in 24
        hours and ten times in 30 days.

        Errors:
        `not_found` for a template that is not stored, or not at WhatsApp; `denied`, `invalid_input` and `transport` as
        for `submit`.
        """
        ...
    async def remove(self, name: str, language: str | None = None) -> None:
        """
        Removes a template from WhatsApp: in one language, or in all. It is kept here as `DELETED`, so that what was
        sent with it can be read, and is not sent any more. WhatsApp keeps the name of an approved one for 30 days.

        Errors:
        `not_found` for a language in which it is not stored, or not at WhatsApp; `transport`.
        """
        ...
    async def unpause(self, name: str, language: str) -> Template:
        """
        Lifts the pause of a template that WhatsApp's pacing paused, and says how it stands then.

        Errors:
        `not_found` for a template that is not stored, or not at WhatsApp; `transport` for one that is not paused.
        """
        ...
    async def sync(self) -> TemplateSync:
        """
        Reads all of the account's templates from WhatsApp and keeps them as they stand there: definition, status,
        category and quality. One that is paused, disabled or rejected there, or not there any more, is not sent from
        that moment on, also where messages with it wait.

        Errors:
        `invalid_input` without a `business_account` in the configuration; `transport`. What was read before stays.
        """
        ...
    async def check(self, template: Template) -> list[Reason]:
        """
        What the law has against a template, before it is submitted to WhatsApp: marketing has to name the sender
        and say how it ends (POPIA s69(4), ePrivacy 13(4)). The same is looked at again before each message.

        Errors:
        `invalid_input` for what WhatsApp itself would refuse.
        """
        ...
    async def put(self, template: Template) -> Template:
        """
        Stores a template as WhatsApp holds it, in place of what was known under its name and language. Nothing is told
        to WhatsApp: see `submit` and `edit`.

        Errors:
        `invalid_input` for a component that WhatsApp would refuse; the error names it, for example
        `cards[1].buttons[0].url`.
        """
        ...
    async def get(self, name: str, language: str) -> Template:
        """
        Reads a template.

        Errors:
        `not_found`.
        """
        ...
    async def list(self) -> list[Template]:
        """
        Every template, by name and language.

        Errors:
        None but `closed`.
        """
        ...

@final
class MediaLibrary:
    """Files for people's phones, and those that people sent."""
    async def upload(self, upload: Upload) -> str:
        """
        Uploads a file and returns WhatsApp's media id, good for 30 days.

        Images may have 5 MB, audio and video 16 MB, documents 100 MB (Meta: supported media types).

        Errors:
        `invalid_input` for a file that is too large or of a type WhatsApp does not take;
        `transport` when the upload fails. Uploading again is harmless.
        """
        ...
    async def info(self, id: str) -> MediaInfo:
        """
        What WhatsApp says of a file: one that was uploaded (kept 30 days), or one that somebody sent (7 days).

        Errors:
        `forbidden` without `messages_read`; `not_found` for a file that is gone; `transport`.
        """
        ...
    async def download(self, id: str) -> MediaFile:
        """
        Fetches a file and checks that it is the one that WhatsApp announced, by its SHA-256. It may be of anybody: keep
        it as you keep the person's messages.

        Errors:
        `forbidden` without `messages_read`, or for who does not see contents; `not_found` for a file that is gone;
        `transport`, also where the bytes are others.
        """
        ...
    async def delete(self, id: str) -> None:
        """
        Deletes a file at WhatsApp. Messages that were sent with it keep it.

        Errors:
        `forbidden` without `messages_send`; `not_found` for a file that is gone; `transport`.
        """
        ...

@final
class Platform:
    """
    The account at WhatsApp. Whoever manages it needs the scope `account_admin`; every change is logged. Nothing is
    repeated by itself: where an error's retry is `unknown`, look before you repeat the call.
    """
    async def conversation_analytics(self, range: AnalyticsRange, filter: ConversationFilter = ...) -> list[ConversationPoint]:
        """
        How many conversations there were and about what they cost, step by step (Meta: Analytics > Conversation
        analytics). WhatsApp charges messages one by one since July 2025: `pricing_analytics` tells that.

        Errors:
        `invalid_input` for a range without time in it, or a filter that is none; `transport`.
        """
        ...
    async def pricing_analytics(self, range: AnalyticsRange, filter: PricingFilter = ...) -> list[PricingPoint]:
        """
        How many messages arrived and about what they cost, step by step (Meta: Analytics > Pricing analytics). What
        the invoice says may differ a little.

        Errors:
        `invalid_input` for a range without time in it, or a filter that is none; `transport`.
        """
        ...
    async def messaging_analytics(self, range: AnalyticsRange, filter: MessagingFilter = ...) -> list[MessagingPoint]:
        """
        How many messages the account sent and how many arrived, step by step (Meta: Analytics > Messaging analytics).
        Steps without a message may be missing.

        Errors:
        `invalid_input` for a range without time in it, or a filter that is none; `transport`.
        """
        ...
    async def enable_template_analytics(self) -> None:
        """
        Has WhatsApp count what becomes of templates, from now on. It cannot be taken back, and by it the business
        tells Meta to follow the addresses behind buttons and to collect and anonymise data of its chats: that is
        processing which the privacy notice has to name (Meta: Analytics > Confirming template analytics).

        Errors:
        `invalid_input` without a `business_account` in the configuration; `transport`.
        """
        ...
    async def template_analytics(self, query: TemplateAnalyticsQuery) -> list[TemplatePoint]:
        """
        How often templates were sent, arrived, were read and had their buttons pressed, and what they cost, day by day
        (Meta: Analytics > Template analytics). It must have been enabled. Accounts in the European Union, the United
        Kingdom and Japan, or with numbers from there, have none.

        Errors:
        `invalid_input` for a range without time in it, or for no template or more than ten; `transport` with code
        200007 where it was not enabled.
        """
        ...
    async def subscribed_apps(self) -> list[SubscribedApp]:
        """
        The apps that get the account's webhooks. Without any, nothing comes in.

        Errors:
        `invalid_input` without a `business_account` in the configuration; `transport`.
        """
        ...
    async def subscribe(self, callback: WebhookCallback | None = None) -> None:
        """
        Subscribes the token's app to the account's webhooks; with a callback they go there, without one to the app's
        own address, also where they went elsewhere before.

        Errors:
        `transport` with code 2200 for a callback that does not answer the challenge.
        """
        ...
    async def unsubscribe(self) -> None:
        """
        Ends the app's subscription: nothing comes in any more, no message, no status, no opt-out.

        Errors:
        `invalid_input` without a `business_account` in the configuration; `transport`.
        """
        ...
    async def set_number_callback(self, number: str, callback: WebhookCallback | None = None) -> None:
        """
        Sends the webhooks of one number elsewhere; without a callback they go where the account's go.

        Errors:
        `not_found`; `transport` with code 2200 for a callback that does not answer the challenge.
        """
        ...
    async def automation(self, number: str | None = None) -> Automation:
        """
        What a number offers before anybody writes.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def set_automation(self, wanted: Automation, number: str | None = None) -> None:
        """
        Sets what a number offers, in place of what it did.

        Errors:
        `invalid_input` for too many or too long ones; `not_found`; `transport`.
        """
        ...
    async def block(self, people: Sequence[Recipient], number: str | None = None) -> BlockReport:
        """
        Keeps people from writing to a number, and the number from writing to them. WhatsApp takes only those who wrote
        within the last 24 hours; the list holds 64,000. At most 1,000 people in a call.

        Blocking is no withdrawal: what people consented to stays on record. WhatsApp refuses messages to them, and such a
        refusal (130403) is kept as an opt-out.

        Errors:
        `invalid_input` for nobody or too many; `not_found` for an unknown contact; `transport`.
        """
        ...
    async def unblock(self, people: Sequence[Recipient], number: str | None = None) -> BlockReport:
        """
        Takes people off the block list.

        Errors:
        `invalid_input` for nobody or too many; `not_found` for an unknown contact; `transport`.
        """
        ...
    async def blocked(self, after: str | None = None, limit: int = 100, number: str | None = None) -> BlockedPage:
        """
        Who is blocked, at most `limit` (1 to 100) of them; the next page begins at `after`.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def calling_settings(self, number: str | None = None) -> CallingSettings:
        """
        Whether and how a number takes calls.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def set_calling_settings(self, settings: CallingSettings, number: str | None = None) -> None:
        """
        Changes whether and how a number takes calls; what is left out stays.

        Errors:
        `invalid_input` for nothing to change, or hours that are no JSON object; `transport`.
        """
        ...
    async def call_permission(self, who: Recipient, number: str | None = None) -> CallPermission:
        """
        Whether a number may call a person, as WhatsApp knows it, and how often. A person gives the permission in answer to
        a message (`Content.CallPermissionRequest`), or by calling.

        Errors:
        `not_found` for an unknown contact; `transport`.
        """
        ...
    async def connect_call(self, person: str, purpose: Purpose, session: CallSession, tracking: str | None = None, number: str | None = None) -> str:
        """
        Calls a contact, with an offer, and answers the call's id. Their answer comes as an event with a session. WhatsApp
        demands their permission (138006 without). The gate demands what it demands of a message for this purpose, but for
        the 24 hours: whoever opted out is not called, and marketing is not possible, as a call carries no way to opt out.

        `tracking` comes back in the event that ends the call: 512 characters at most, no personal data.

        Errors:
        `denied`; `invalid_input` for a session that is no offer; `not_found` for an unknown contact; `transport`.
        """
        ...
    async def pre_accept_call(self, call: str, session: CallSession, number: str | None = None) -> None:
        """
        Prepares the media of a person's call, so that there is sound as soon as it is accepted.

        Errors:
        `invalid_input` for a session that is no answer; `transport` for a call that is over or nobody's.
        """
        ...
    async def accept_call(self, call: str, session: CallSession, tracking: str | None = None, number: str | None = None) -> None:
        """
        Takes a person's call, within the 30 to 60 seconds that it rings.

        Errors:
        `invalid_input` for a session that is no answer; `transport` for a call that is over or nobody's.
        """
        ...
    async def reject_call(self, call: str, number: str | None = None) -> None:
        """
        Does not take a person's call.

        Errors:
        `transport` for a call that is over or nobody's.
        """
        ...
    async def terminate_call(self, call: str, number: str | None = None) -> None:
        """
        Ends a call, also where the media have ended already: what it costs is counted until then.

        Errors:
        `transport` for a call that is over or nobody's.
        """
        ...
    async def commerce_settings(self, number: str | None = None) -> CommerceSettings:
        """
        What people see of a number's shop.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def update_commerce_settings(self, update: CommerceUpdate, number: str | None = None) -> None:
        """
        Changes what people see of a number's shop.

        Errors:
        `invalid_input` for nothing to change; `not_found`; `transport`.
        """
        ...
    async def flow_key(self, number: str | None = None) -> FlowKey:
        """
        The key for which what flows of a number send is encrypted.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def set_flow_key(self, public_key: str, number: str | None = None) -> None:
        """
        Sets the key for which what flows of a number send is encrypted, in place of the one that there is: an RSA key
        of 2,048 bits. Only the public half leaves the business. It is to be set again after each registration.

        Errors:
        `invalid_input` for what is no public key; `not_found`; `transport` with code 100 for one of another length.
        """
        ...
    async def migrate_flows(self, source_account: str, names: Sequence[str]) -> FlowMigration:
        """
        Copies flows of another account of the same business into this one, under the same names and as drafts: those
        that are named, or all (Meta: Flows API > Migrate flows).

        Errors:
        `invalid_input` for an empty name; `transport`. A flow that is not copied is no error: see `failed`.
        """
        ...
    async def flows(self, after: str | None = None, limit: int = 100) -> FlowPage:
        """
        The account's flows, at most `limit` (1 to 100) of them; the next page begins at `after`.

        Errors:
        `invalid_input` without a `business_account` in the configuration; `transport`.
        """
        ...
    async def flow(self, id: str) -> Flow:
        """
        A flow, with where it can be looked at.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def create_flow(self, flow: NewFlow) -> FlowMade:
        """
        Makes a flow, as a draft.

        Errors:
        `invalid_input` for a flow without a name or category, or a file that is no JSON; `transport` with code 100 for
        a name that another flow has.
        """
        ...
    async def update_flow(self, id: str, update: FlowUpdate = ...) -> None:
        """
        Changes a flow's name, categories, endpoint or app.

        Errors:
        `invalid_input` for nothing to change; `not_found`; `transport` with code 139001 for a flow that was published.
        """
        ...
    async def upload_flow_json(self, id: str, flow_json: str) -> list[FlowError]:
        """
        Gives a draft its file, in place of the one that it had, and says what is wrong with it. A file with errors is
        kept and cannot be published.

        Errors:
        `invalid_input` for what is no JSON or has more than 10 MB; `not_found`; `transport`.
        """
        ...
    async def flow_assets(self, id: str) -> list[FlowAsset]:
        """
        A flow's files, and where they can be fetched.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def publish_flow(self, id: str) -> None:
        """
        Publishes a draft, so that it can be sent to everybody. It cannot be changed any more.

        Errors:
        `not_found`; `transport` with code 139002 for one without a file, or with errors in it.
        """
        ...
    async def deprecate_flow(self, id: str) -> None:
        """
        Takes a published flow out of use: it can no longer be sent or opened.

        Errors:
        `not_found`; `transport` with code 139003 for one that is not published.
        """
        ...
    async def delete_flow(self, id: str) -> None:
        """
        Deletes a draft.

        Errors:
        `not_found`; `transport` with code 139004 for one that was published.
        """
        ...
    async def groups(self, after: str | None = None, limit: int = 100, number: str | None = None) -> GroupPage:
        """
        A number's groups, at most `limit` (1 to 100) of them; the next page begins at `after`.

        Errors:
        `transport`, with code 131215 for a number that may have no groups.
        """
        ...
    async def group(self, id: str) -> Group:
        """
        A group and who is in it.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def create_group(self, group: NewGroup, number: str | None = None) -> str:
        """
        Asks for a group of a number, and answers the request's id. WhatsApp makes the group a little later: the webhook
        `group_lifecycle_update` tells its id and link under this request's id, as an event of the kind `unknown`.

        Errors:
        `invalid_input` for a subject or description that is too long; `transport`.
        """
        ...
    async def update_group(self, id: str, update: GroupUpdate = ...) -> None:
        """
        Changes what a group is called or for.

        Errors:
        `invalid_input` for nothing to change, or texts that are too long; `not_found`; `transport`.
        """
        ...
    async def delete_group(self, id: str) -> None:
        """
        Deletes a group: everybody is out of it, also the business.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def remove_group_members(self, id: str, people: Sequence[Recipient]) -> None:
        """
        Takes people out of a group, at most 8 in a call. Whoever still has the link may come back: reset it, or let nobody in unasked.

        Errors:
        `invalid_input` for nobody or more than 8; `not_found`; `transport`.
        """
        ...
    async def group_invite_link(self, id: str) -> str:
        """
        The link by which people join a group. Whoever has it can ask to be let in, and where nobody must be asked, is in.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def reset_group_invite_link(self, id: str) -> str:
        """
        Gives a group a new link; the one that it had works no more.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def join_requests(self, id: str, after: str | None = None, limit: int = 100) -> JoinRequestPage:
        """
        Who waits to be let into a group, at most `limit` (1 to 100) of them; the next page begins at `after`.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def approve_join_requests(self, id: str, requests: Sequence[str]) -> JoinRequestReport:
        """
        Lets people into a group, by the ids of their requests, at most 100 in a call.

        Errors:
        `invalid_input` for none or more than 100; `not_found`; `transport`.
        """
        ...
    async def reject_join_requests(self, id: str, requests: Sequence[str]) -> JoinRequestReport:
        """
        Turns people away from a group, by the ids of their requests, at most 100 in a call.

        Errors:
        `invalid_input` for none or more than 100; `not_found`; `transport`.
        """
        ...
    async def numbers(self, after: str | None = None, limit: int = 100) -> NumberPage:
        """
        The account's numbers, at most `limit` (1 to 100) of them; the next page begins at `after`.

        Errors:
        `invalid_input` without a `business_account` in the configuration; `transport`.
        """
        ...
    async def phone_number(self, number: str | None = None) -> PhoneNumber:
        """
        What WhatsApp says of a number: its quality, its throughput, how far its registration and its name are. The
        account's default number, unless one is named.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def add_number(self, number: NewPhoneNumber) -> str:
        """
        Adds a number to the account and says its id. It sends once a code has proved it (`request_code`, `verify_code`)
        and it is registered (`register`). A business has two numbers, and twenty once it is verified (Meta: WhatsApp
        Business Account > Phone Numbers).

        Errors:
        `invalid_input` for what is no number or no name; `transport` with code 100 for a number that WhatsApp Business
        knows already, 200 where the business can have no more.
        """
        ...
    async def request_code(self, number: str, method: CodeMethod, language: str) -> None:
        """
        Has WhatsApp send a code to a number that was added to the account, in a language such as `en_US`.

        Errors:
        `not_found`; `transport` with code 136024 for a number that is verified already, or asked for too often.
        """
        ...
    async def verify_code(self, number: str, code: str) -> None:
        """
        Proves by the code that came that the number is the business's.

        Errors:
        `invalid_input` for what is no code; `transport` with code 136025 for a wrong one.
        """
        ...
    async def register(self, number: str, pin: str, region: str | None = None) -> None:
        """
        Registers a verified number for the Cloud API, so that it sends and receives. `pin` has six digits: the one
        that is set, or a new one where none is. `region` keeps its data at rest in a country (ISO 3166-1 alpha-2) that
        Meta offers. At most ten registrations and deregistrations within 72 hours.

        Errors:
        `invalid_input` for a PIN that is none; `transport` with code 133005 for a wrong PIN, 133006 for a number that
        is not verified, 133016 after too many tries.
        """
        ...
    async def deregister(self, number: str) -> None:
        """
        Takes a number off the Cloud API: it neither sends nor receives until it is registered again.

        Errors:
        `not_found`; `transport` with code 133010 for one that is not registered.
        """
        ...
    async def set_pin(self, number: str, pin: str) -> None:
        """
        Sets the two-step PIN of a number: six digits, which its next registration asks for.

        Errors:
        `invalid_input` for a PIN that is none; `not_found`; `transport`.
        """
        ...
    async def exchange_code(self, code: SignupCode) -> BusinessToken:
        """
        Exchanges the code of a finished embedded sign-up for the customer's token (Meta: Embedded sign-up > Onboarding
        business customers). Secret, code and token stand in no error and no log. A code works once: where the answer
        was lost, the customer has to sign up again.

        Errors:
        `invalid_input` for an empty secret or code; `transport` with code 100 for a code that was used or has ended,
        101 for a secret that is not the app's.
        """
        ...
    async def profile(self, number: str | None = None) -> BusinessProfile:
        """
        What people see of a number.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def update_profile(self, update: ProfileUpdate, number: str | None = None) -> None:
        """
        Changes what people see of a number.

        Errors:
        `invalid_input` for what does not fit, or nothing to change; `not_found`; `transport`.
        """
        ...
    async def qr_codes(self, after: str | None = None, limit: int = 100, number: str | None = None) -> QrPage:
        """
        A number's codes, at most `limit` (1 to 100) of them, and never more than WhatsApp's 25 at once; the next page
        begins at `after`.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def create_qr_code(self, message: str, image: QrImage | None = None, number: str | None = None) -> QrCode:
        """
        Makes a code. `message` has 1 to 140 characters; with an `image` the answer says where its picture is.

        Errors:
        `invalid_input` for a message that is empty or too long; `transport`.
        """
        ...
    async def update_qr_code(self, code: str, message: str, number: str | None = None) -> QrCode:
        """
        Changes the message of a code; its link stays.

        Errors:
        `invalid_input` for a message that is empty or too long; `transport` with code 100 for an unknown code.
        """
        ...
    async def delete_qr_code(self, code: str, number: str | None = None) -> None:
        """
        Takes a code away: its link opens an empty chat from then on.

        Errors:
        `transport` with code 100 for an unknown code.
        """
        ...
    async def upload_sample(self, sample: Sample) -> str:
        """
        Uploads a file through Meta's resumable uploads and returns the handle by which a profile's picture or the
        example of a template's header is named. It is no media id: messages cannot use it.

        Errors:
        `invalid_input` for an empty or too large file; `not_found` for an unknown app; `transport`.
        """
        ...
    async def sender_health(self) -> SenderHealth:
        """
        How the senders stand with WhatsApp: each number's quality, speed and what is stopped because of them, the
        messaging limit and how much of it is used, restrictions, and the templates' states. WhatsApp is not asked: this
        is what webhooks told and what was read last, within the last six hours where it could be.

        Errors:
        None but `closed`.
        """
        ...
    async def refresh_sender_health(self) -> SenderHealth:
        """
        The same, after WhatsApp was asked how the numbers stand. What it answers takes effect at once.

        Errors:
        `transport`; `unsupported` with a transport that has no Graph API behind it.
        """
        ...
    async def signups(self, after: str | None = None, limit: int = 100) -> SignupPage:
        """
        The account's sign-ups, at most `limit` (1 to 100) of them; the next page begins at `after`.

        Errors:
        `invalid_input` without a `business_account` in the configuration; `transport`.
        """
        ...
    async def signup(self, id: str) -> Signup:
        """
        One sign-up.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def create_signup(self, signup: NewSignup) -> str:
        """
        Makes a sign-up and returns its id; `signup_link` makes the link that people open. Whoever subscribes by it has
        consented to marketing: the webhook that tells so is the evidence in the ledger. Not available to businesses and
        people in the European Economic Area, the United Kingdom, Brazil, Japan, South Korea, Nigeria, South Africa and
        Turkey (Meta: In-App Signup, July 2026).

        Errors:
        `invalid_input` for a size, an address or a placeholder that WhatsApp would refuse, and without a
        `business_account` in the configuration; `transport` with code 2494168 where the terms were never accepted,
        2494176 where they were before, 2494165 where the account has no sign-ups.
        """
        ...
    async def update_signup(self, id: str, update: SignupUpdate = ...) -> None:
        """
        Changes a sign-up. One that is not `active` is kept, and its links work no more: WhatsApp deletes none.

        Errors:
        `invalid_input` for nothing to change, and for a size, an address or a placeholder that WhatsApp would refuse;
        `not_found`; `transport` with code 2494167 for a placeholder without a value.
        """
        ...
    async def signup_link(self, id: str, number: str | None = None) -> str:
        """
        The link by which people subscribe at a number: the account's default number, unless one is named. One sign-up
        works with every number of its account.

        Errors:
        `not_found` for an unknown number; `transport`.
        """
        ...
    async def username(self, number: str | None = None) -> BusinessUsername:
        """
        The username of a number.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def username_suggestions(self, number: str | None = None) -> list[str]:
        """
        Usernames that WhatsApp keeps free for a number.

        Errors:
        `not_found`; `transport`.
        """
        ...
    async def set_username(self, username: str, force_transfer: bool, number: str | None = None) -> BusinessUsername:
        """
        Gives a number a username, in place of the one that it has: 3 to 35 letters, digits, dots and underscores. With
        `force_transfer` it is taken from another number of the same business.

        Errors:
        `invalid_input` for what can be no username; `transport` with code 147001 for one that is taken, 147002 to
        147004 where the business has to do something first, 147005 for one of another number of the business.
        """
        ...
    async def delete_username(self, number: str | None = None) -> None:
        """
        Takes the username of a number away. Somebody else may have it then.

        Errors:
        `not_found`; `transport`.
        """
        ...

@final
class FlowEndpoint:
    """
    The endpoint that a flow's phones ask (Meta: WhatsApp Flows > Implementing your flow endpoint). The host serves its
    address; conek checks, opens and encrypts. Nothing of a request is stored or logged. It needs the scope
    `inbound_receive` and `Config.flow_keys`.
    """
    async def public_key(self) -> str:
        """
        The public half of the first of `flow_keys`, in PEM: what WhatsApp must be given for the number, so that phones
        encrypt for it.

        Errors:
        `key` without a key in the configuration.
        """
        ...
    async def open_request(self, request: WebhookRequest) -> FlowRequest:
        """
        Opens a request: checks its signature over the raw bytes as `inbound.handle_webhook` does, and decrypts it. Give
        its answer to `answer`, within the ten seconds that a phone waits.

        Errors:
        `signature`, when it is missing or wrong: answer with status 432. `key`, when the request is encrypted for
        another key or was changed: answer with status 421, on which the phone fetches the number's public key anew and
        tries again. `invalid_input` for what is no request of a flow, or has more than 3 MB. `conflict`, when 10,000
        requests wait. `forbidden` for a session that does not see content.
        """
        ...
    async def answer(self, exchange: str, answer: FlowAnswer) -> HttpResponse:
        """
        Encrypts the answer to a request, which it takes once. Answer WhatsApp with what comes back, as it is.

        Errors:
        `not_found` for a request that was answered, or is older than a minute; `invalid_input` for a screen without an
        id, or data that is no JSON object: the request still waits then.
        """
        ...
    async def handle_http(self, request: HttpRequest) -> FlowHandled:
        """
        The whole endpoint without a framework. Pass every request of its path here. Where a response comes back, answer
        it: to pings, and to whatever is wrong (432 for a wrong signature, 421 for another key, 400, 405 or 413 for what
        is no request of a flow, 503 when too much waits). Otherwise decide what the phone is answered, and call `answer`.

        Errors:
        `closed`; `forbidden`. Whatever else is wrong becomes a status code.
        """
        ...
    async def open_media(self, entry: str, file: bytes) -> FlowMedia:
        """
        Opens a file that a person put into a flow. `entry` is its entry in the request's data, as text: an element of
        the list of the picker's name. `file` is what its `cdn_url` answers, which needs no token, and lies there for up
        to 20 days. Checked are both hashes and the HMAC (Meta: WhatsApp Flows > Media upload components).

        Errors:
        `key` for a file that is not the one that was uploaded; `invalid_input` for an entry that is none, or a file of
        more than 100 MB; `forbidden` for a session that does not see content.
        """
        ...

@final
class Campaigns:
    """The account's campaigns."""
    async def plan(self, spec: CampaignSpec) -> CampaignPlan:
        """
        Works out what a campaign would do if it started now: who gets it, who not and why, who
        later and when, how long it takes and what it costs. Decided by the same code that decides
        when sending. Nothing is sent.

        Errors:
        `invalid_input` for an unknown template or variables that do not fit it.
        """
        ...
    async def start(self, id: str) -> CampaignProgress:
        """
        Starts a planned campaign and returns once everybody is in the queue. The gate decides anew
        for each person, now and once more right before their message leaves.

        Safe to drop: what was started goes on, also after the process ended and was started again.

        Errors:
        `conflict` when it runs or ran before, or waits for the approval of a second person; `not_found`.
        """
        ...
    async def approve(self, id: str) -> CampaignProgress:
        """
        Approves a planned campaign as the second person: needed where it goes to more people than the account's
        `approval_above`. Whoever planned it cannot.

        Errors:
        `not_found`; `conflict` for whoever planned it, and for a campaign that was started.
        """
        ...
    async def preview(self, campaign: CampaignSpec) -> CampaignPlan:
        """
        Who of an audience would get a campaign now, who later, who not and by which reasons. Nothing is stored
        and nothing sent: the plan has no id.

        Errors:
        As `Campaigns.plan`.
        """
        ...
    async def progress(self, id: str) -> CampaignProgress:
        """
        A campaign's numbers, counted from its messages. They add up. While it runs, a message that went on during
        the counting still counts as waiting.

        Errors:
        `not_found`.
        """
        ...
    async def pause(self, id: str) -> CampaignProgress:
        """
        Stops a campaign for a while. Messages on their way arrive; no other one leaves. Everybody may
        not be in its queue yet: `resume` goes on with that too.

        Safe to drop, as `Campaigns.start`.

        Errors:
        `conflict` when it is not running; `not_found`.
        """
        ...
    async def resume(self, id: str) -> CampaignProgress:
        """
        Goes on with a paused campaign. Nobody gets it twice.

        Safe to drop, as `Campaigns.start`.

        Errors:
        `conflict` when it is not paused; `not_found`.
        """
        ...
    async def cancel(self, id: str) -> CampaignProgress:
        """
        Ends a campaign before its end. Messages on their way arrive; no other one leaves.

        Safe to drop, as `Campaigns.start`.

        Errors:
        `conflict` when it is cancelled already; `not_found`.
        """
        ...
    async def left_out(self, id: str, after: str | None = None, limit: int = 100) -> LeftOutPage:
        """
        Who was left out and why, in the order of the audience, at most 1,000 a page.

        Errors:
        `not_found`; `invalid_input` for a limit outside 1 to 1,000.
        """
        ...
    async def list(self) -> list[CampaignProgress]:
        """
        Every campaign with its numbers, the oldest first.

        Errors:
        Only those of the storage.
        """
        ...

@final
class Inbound:
    """What comes in."""
    def stream(self, after: str | None = None) -> AsyncIterator[Event]:
        """Every event behind the cursor `after`, and then each as it happens, until the engine is closed."""
        ...
    async def handle_webhook(self, request: WebhookRequest) -> Ack:
        """
        Takes a webhook: verifies the signature over the raw bytes, stores them, answers. Applying
        follows at once on a task of the engine's own. Answer WhatsApp with 200 when this returns,
        and with 401 on a `signature` error: WhatsApp then sends it again.

        Safe to drop: what is stored stays stored.

        Errors:
        `signature` when it is missing or wrong; `invalid_input` over 3 MB; the storage's errors,
        on which WhatsApp must not be answered 200.
        """
        ...
    async def handshake(self, mode: str, token: str, challenge: str) -> str:
        """
        Answers Meta's verification of the webhook's address: gives the challenge back when the
        token is the configured one.

        Errors:
        `signature` for a wrong mode or token.
        """
        ...
    async def handle_http(self, request: HttpRequest) -> HttpResponse:
        """
        The whole HTTP surface without a framework: `GET` (handshake) and `POST` (webhook) on any
        path. Pass every request of the mounted path here and answer what comes back.

        Errors:
        None but `closed`: whatever is wrong becomes a status code.
        """
        ...
    async def events(self, after: str | None = None, limit: int = 100) -> EventPage:
        """
        The events after a cursor, in order, at most 1,000. Each is delivered at least once: keep the
        cursor of the last one you have handled.

        Errors:
        `invalid_input` for a limit outside 1 to 1,000; `forbidden` for a session that does not see phones, names or
        content.
        """
        ...
    async def next_events(self, after: str | None = None, limit: int = 100, timeout_ms: int = 30000) -> EventPage:
        """
        As `Inbound.events`, and waits up to `timeout_ms` milliseconds for the first one.

        Errors:
        As `Inbound.events`.
        """
        ...
    async def mark_read(self, receiver: str, wamid: str) -> None:
        """
        Marks a person's message as read: they see blue ticks.

        Errors:
        `transport` when WhatsApp refuses; `invalid_input` for a number that is not the account's.
        """
        ...
    async def show_typing(self, receiver: str, wamid: str) -> None:
        """
        Marks a person's message as read and shows them that an answer is being written: until it comes, and 25
        seconds at most. For answers that are really being written.

        Errors:
        As `Inbound.mark_read`.
        """
        ...
