# Generated from conek-core by `cargo run -p conek-codegen`. Do not edit.
"""Enumerations. Each member is its stable code as text."""

import enum


class Action(str, enum.Enum):
    """What the engine does about an error code. The table is data: see `whatsapp.errors`."""

    RETRY = "retry"
    """Try again later, through the pacer."""
    RETRY_PAIR = "retry_pair"
    """Slow this pair of numbers down: 4^n seconds."""
    DEFER = "defer"
    """Try again after 24 hours at the earliest."""
    NEVER = "never"
    """Never send this message."""
    OPT_OUT = "opt_out"
    """Never, and the person has opted out."""
    STOP_SENDER = "stop_sender"
    """Stop this sender."""
    STOP_TEMPLATE = "stop_template"
    """Stop this template."""
    SWITCH = "switch"
    """Another way would work: a template instead of free text, another endpoint."""
    DOUBT = "doubt"
    """It may have been sent: wait for evidence."""

    def __str__(self) -> str:
        return str(self.value)


class AuditOutcome(str, enum.Enum):
    """What became of a call."""

    ADMITTED = "admitted"
    """The caller was admitted."""
    REFUSED = "refused"
    """The caller lacked the scope."""

    def __str__(self) -> str:
        return str(self.value)


class Basis(str, enum.Enum):
    """What makes a message lawful."""

    CONSENT = "consent"
    """POPIA s11(1)(a), s69(1)(a); GDPR 6(1)(a)."""
    CUSTOMER_EXCEPTION = "customer_exception"
    """An existing customer: POPIA s69(3), ePrivacy 13(2)."""
    FIRST_APPROACH = "first_approach"
    """The one request for consent: POPIA s69(2)."""
    CONTRACT = "contract"
    """POPIA s11(1)(b); GDPR 6(1)(b)."""
    LEGAL_OBLIGATION = "legal_obligation"
    """POPIA s11(1)(c); GDPR 6(1)(c)."""
    LEGITIMATE_INTEREST = "legitimate_interest"
    """POPIA s11(1)(f); GDPR 6(1)(f)."""

    def __str__(self) -> str:
        return str(self.value)


class BreachAudience(str, enum.Enum):
    """Who is told."""

    RESPONSIBLE_PARTY = "responsible_party"
    """The controller, or responsible party, for whom the data are processed (GDPR 33(2), POPIA s21(2))."""
    AUTHORITY_EU = "authority_eu"
    """The supervisory authority (GDPR 33(1))."""
    REGULATOR_ZA = "regulator_za"
    """The Information Regulator (POPIA s22(1)(a))."""
    SUBJECT_EU = "subject_eu"
    """The people, under GDPR 34."""
    SUBJECT_ZA = "subject_za"
    """The people, under POPIA s22(1)(b)."""
    SUBJECT_PROMISE = "subject_promise"
    """The people, as the account promised: within 72 hours, whatever the risk."""

    def __str__(self) -> str:
        return str(self.value)


class BreachChannel(str, enum.Enum):
    """By what way a letter went."""

    POST = "post"
    """To the last known physical or postal address (POPIA s22(4)(a))."""
    EMAIL = "email"
    """To the last known e-mail address (POPIA s22(4)(b)), in a message about nothing else."""
    WEBSITE = "website"
    """In a prominent place on the responsible party's website (POPIA s22(4)(c))."""
    NEWS_MEDIA = "news_media"
    """In the news media (POPIA s22(4)(d))."""
    AS_DIRECTED = "as_directed"
    """As the authority directed (POPIA s22(4)(e))."""
    PORTAL = "portal"
    """The authority's own form; in South Africa the Regulator's eServices portal, and nothing else since 1 April 2025."""
    SMS = "sms"
    """A text message about nothing else."""
    WHATSAPP = "whatsapp"
    """WhatsApp: only in addition."""
    PHONE = "phone"
    """By phone: only in addition, for it is not in writing."""

    def __str__(self) -> str:
        return str(self.value)


class BreachDutyState(str, enum.Enum):
    """Where a duty to tell somebody stands."""

    UNDECIDED = "undecided"
    """Whether they must be told turns on the risk, and that is not assessed."""
    WAITING = "waiting"
    """They are to be told; there is time."""
    WARNED = "warned"
    """They are to be told, and the warning is out."""
    OVERDUE = "overdue"
    """They are to be told, and it is late."""
    BEGUN = "begun"
    """They know some of it (GDPR 33(4))."""
    DELAYED = "delayed"
    """An order says to wait (POPIA s22(3))."""
    TOLD = "told"
    """They know all."""
    EXCUSED = "excused"
    """They need not be told."""

    def __str__(self) -> str:
        return str(self.value)


class BreachExcuse(str, enum.Enum):
    """Why somebody need not be told."""

    RISK_UNLIKELY = "risk_unlikely"
    """A risk is unlikely (GDPR 33(1))."""
    NO_HIGH_RISK = "no_high_risk"
    """A high risk is unlikely (GDPR 34(1))."""
    UNINTELLIGIBLE = "unintelligible"
    """Nobody can read the data (GDPR 34(3)(a))."""
    RISK_AVERTED = "risk_averted"
    """Measures have taken the high risk away (GDPR 34(3)(b))."""
    IDENTITY_UNKNOWN = "identity_unknown"
    """It cannot be found out whose data they are (POPIA s22(1)(b))."""
    NOT_PROMISED = "not_promised"
    """The account promised nothing."""

    def __str__(self) -> str:
        return str(self.value)


class BreachItem(str, enum.Enum):
    """Something that a letter says."""

    NATURE = "nature"
    """What happened."""
    KIND = "kind"
    """What was done to the data."""
    CERTAINTY = "certainty"
    """Whether it is confirmed or suspected."""
    MOMENT = "moment"
    """When it happened."""
    DATA_CATEGORIES = "data_categories"
    """Which kinds of data."""
    WHOSE = "whose"
    """Whose data."""
    PEOPLE_COUNT = "people_count"
    """About how many people."""
    RECORD_COUNT = "record_count"
    """About how many records."""
    CONSEQUENCES = "consequences"
    """What is likely to follow."""
    MEASURES = "measures"
    """What was done and will be done."""
    ADVICE = "advice"
    """What the people can do."""
    PEOPLE_TOLD = "people_told"
    """How the people are told."""
    LATE_REASONS = "late_reasons"
    """Why the letter is late."""
    INTRUDER = "intruder"
    """Who did it."""
    CONTACT = "contact"
    """Whom to ask."""
    AUTHORITY = "authority"
    """Where people can complain."""
    SENDER = "sender"
    """Who writes."""

    def __str__(self) -> str:
        return str(self.value)


class BreachKind(str, enum.Enum):
    """What was done to the data (GDPR 4(12); the Regulator's form)."""

    ACCESS = "access"
    """Somebody saw or took them without authority."""
    DISCLOSURE = "disclosure"
    """They were given to somebody who may not have them."""
    LOSS = "loss"
    """They were lost."""
    ALTERATION = "alteration"
    """They were changed or damaged."""
    DESTRUCTION = "destruction"
    """They were destroyed."""
    UNLAWFUL_PROCESSING = "unlawful_processing"
    """They were used unlawfully."""

    def __str__(self) -> str:
        return str(self.value)


class BreachPhase(str, enum.Enum):
    """Which of several letters it is (GDPR 33(4): in phases, where not all is known at once)."""

    INITIAL = "initial"
    """The first, and not all is known."""
    SUPPLEMENT = "supplement"
    """A later one, and not all is known."""
    FINAL = "final"
    """It says all that must be said."""

    def __str__(self) -> str:
        return str(self.value)


class BreachRisk(str, enum.Enum):
    """How likely it is that somebody is harmed."""

    UNKNOWN = "unknown"
    """Not known yet. It counts as a risk, not as a high one."""
    UNLIKELY = "unlikely"
    """Unlikely to result in a risk (GDPR 33(1))."""
    RISK = "risk"
    """A risk."""
    HIGH = "high"
    """A high risk (GDPR 34(1))."""

    def __str__(self) -> str:
        return str(self.value)


class BreachState(str, enum.Enum):
    """Where a case stands."""

    OPEN = "open"
    """Its risk is not assessed."""
    ASSESSED = "assessed"
    """It is; somebody waits for a first letter."""
    NOTIFIED = "notified"
    """Nobody waits for a first letter."""
    CLOSED = "closed"
    """Everybody was told all, or need not be. Final, unless new facts open it again."""

    def __str__(self) -> str:
        return str(self.value)


class CampaignState(str, enum.Enum):
    """Where a campaign stands."""

    PLANNED = "planned"
    """Planned, not started."""
    RUNNING = "running"
    """Being sent."""
    PAUSED = "paused"
    """Stopped for a while by the host."""
    COMPLETED = "completed"
    """Every message is final."""
    CANCELLED = "cancelled"
    """Ended by the host before its end."""

    def __str__(self) -> str:
        return str(self.value)


class CodeMethod(str, enum.Enum):
    """How a code reaches whoever holds the number."""

    SMS = "sms"
    """A text message."""
    VOICE = "voice"
    """A call."""

    def __str__(self) -> str:
        return str(self.value)


class ConsentActor(str, enum.Enum):
    """Who acted in a consent event."""

    SUBJECT = "subject"
    """The data subject."""
    COMPETENT_PERSON = "competent_person"
    """A competent person or holder of parental responsibility, for a child (POPIA s35(1)(a), GDPR 8(1))."""
    REPRESENTATIVE = "representative"
    """Somebody whom the person authorised."""
    CONTROLLER = "controller"
    """The account itself. It can revoke and invalidate; it cannot consent."""
    PLATFORM = "platform"
    """WhatsApp, on its own account. It can stop; its "resume" gives nothing back that the person took."""

    def __str__(self) -> str:
        return str(self.value)


class ConsentSource(str, enum.Enum):
    """By what way consent came or went."""

    REGISTRATION_CHECKBOX = "registration_checkbox"
    """A checkbox at registration."""
    FORM = "form"
    """A form by e-mail or on the web."""
    EXPLICIT_REQUEST = "explicit_request"
    """An explicit request, answered."""
    WHATSAPP_REPLY = "whatsapp_reply"
    """The person's own words on WhatsApp."""
    IMPORT = "import"
    """A file that the host imported, with the evidence's reference."""
    PLATFORM = "platform"
    """WhatsApp's own stop, resume or sign-up."""
    PREFERENCE_PAGE = "preference_page"
    """The unsubscribe link or preference page."""
    AGENT = "agent"
    """A person of the host, for example after a call."""

    def __str__(self) -> str:
        return str(self.value)


class ConsentStatus(str, enum.Enum):
    """Where consent stands. Only `given` and `renewed` allow anything."""

    UNKNOWN = "unknown"
    """Nothing is recorded."""
    REQUESTED = "requested"
    """The person was asked and has not answered."""
    REFUSED = "refused"
    """The person said no."""
    GIVEN = "given"
    """The person said yes."""
    RENEWED = "renewed"
    """The person said yes again."""
    EXPIRED = "expired"
    """Its time is over."""
    WITHDRAWN = "withdrawn"
    """The person took it back."""
    REVOKED = "revoked"
    """The account took it back."""
    INVALIDATED = "invalidated"
    """It never was valid, or the number has another owner now."""

    def __str__(self) -> str:
        return str(self.value)


class ConversationDimension(str, enum.Enum):
    """By what conversations are told apart."""

    CATEGORY = "category"
    """What they are about."""
    DIRECTION = "direction"
    """Who began."""
    KIND = "kind"
    """Whether they are charged."""
    COUNTRY = "country"
    """The country of the person."""
    PHONE = "phone"
    """The number of the business."""

    def __str__(self) -> str:
        return str(self.value)


class CountedMessages(str, enum.Enum):
    """Which messages are counted."""

    TEMPLATES = "templates"
    """Templates that the business sent."""
    FREE_FORM = "free_form"
    """Everything else that the business sent."""
    INCOMING = "incoming"
    """What people wrote."""

    def __str__(self) -> str:
        return str(self.value)


class ErasureGround(str, enum.Enum):
    """Why somebody is erased."""

    REQUEST = "request"
    """They asked for it (GDPR 17, POPIA s24)."""
    CHILD = "child"
    """They are a child, as a guardian says."""
    RETENTION = "retention"
    """Their time is over (POPIA s14, GDPR 5(1)(e))."""
    HOST = "host"
    """The host decided so."""

    def __str__(self) -> str:
        return str(self.value)


class EvidenceKind(str, enum.Enum):
    """What kind of proof stands behind a consent event."""

    OTHER = "other"
    """Not said."""
    MESSAGE = "message"
    """A message of the person; the reference is its id."""
    FORM = "form"
    """A form, on paper or on the web (POPIA Form 4); the reference is its id."""
    RECORDING = "recording"
    """A recording, which is given to the person on request and free of charge; the reference is where it is kept."""
    SIGNUP = "signup"
    """A sign-up within WhatsApp; the reference is its `signup_id`."""
    PREFERENCE_PAGE = "preference_page"
    """The page of preferences."""
    IMPORT = "import"
    """A file that was imported; the reference is what the file said."""

    def __str__(self) -> str:
        return str(self.value)


class ExportKind(str, enum.Enum):
    """What an export answers."""

    ACCESS = "access"
    """Everything that is held (GDPR 15, POPIA s23)."""
    PORTABILITY = "portability"
    """What the person provided, to take along (GDPR 20)."""

    def __str__(self) -> str:
        return str(self.value)


class FieldMask(str, enum.Enum):
    """A field that somebody does not see."""

    PHONE = "phone"
    """Phone numbers: only the last four digits are shown, and no BSUID."""
    NAME = "name"
    """Names."""
    ATTRIBUTES = "attributes"
    """The host's own attributes."""
    CONTENT = "content"
    """What messages say."""

    def __str__(self) -> str:
        return str(self.value)


class FlowAction(str, enum.Enum):
    """Why a phone asks."""

    PING = "ping"
    """Nobody: WhatsApp looks whether the endpoint is there. Answer `FlowAnswer.Active`."""
    INIT = "init"
    """The flow was opened, and its first screen is wanted."""
    BACK = "back"
    """The person went back to a screen that wants to be asked for anew (`refresh_on_back`)."""
    DATA_EXCHANGE = "data_exchange"
    """The person submitted a screen."""

    def __str__(self) -> str:
        return str(self.value)


class Granularity(str, enum.Enum):
    """How long the time is that one point stands for."""

    HALF_HOUR = "half_hour"
    """Half an hour."""
    DAY = "day"
    """A day, in the account's time zone."""
    MONTH = "month"
    """A month, in the account's time zone."""

    def __str__(self) -> str:
        return str(self.value)


class GraphMethod(str, enum.Enum):
    """What a call does."""

    GET = "get"
    """Reads. May be repeated without harm."""
    POST = "post"
    """Makes or changes."""
    DELETE = "delete"
    """Takes away."""

    def __str__(self) -> str:
        return str(self.value)


class HoursAgreement(str, enum.Enum):
    """How contact outside marketing hours was agreed."""

    IMPLIED = "implied"
    """By what the person did. An engine's deliveries are timed, so that it is not enough (GN R293 item 2)."""
    EXPRESS = "express"
    """In words. Not enough either."""
    EXPRESS_WRITTEN = "express_written"
    """In writing: marketing hours do not apply to the person."""

    def __str__(self) -> str:
        return str(self.value)


class IdentityState(str, enum.Enum):
    """Whether it is known who asks."""

    NOT_NEEDED = "not_needed"
    """Nothing here needs it."""
    BY_CHANNEL = "by_channel"
    """Their channel shows it."""
    PENDING = "pending"
    """Proof is awaited."""
    CONFIRMED = "confirmed"
    """It was checked."""
    FAILED = "failed"
    """It was checked, and it is somebody else."""

    def __str__(self) -> str:
        return str(self.value)


class Intent(str, enum.Enum):
    """What a message says about being written to."""

    OPT_OUT = "opt_out"
    """The person wants no more marketing. It holds at once."""
    OPT_IN = "opt_in"
    """The person wants it again. It needs the evidence of any other consent."""
    HELP = "help"
    """The person asks who writes and how to end it."""
    CLARIFY = "clarify"
    """It may be an opt-out: hold marketing and ask."""
    NOTHING = "nothing"
    """It says nothing about it."""

    def __str__(self) -> str:
        return str(self.value)


class LegalBasis(str, enum.Enum):
    """What makes a use of personal data lawful."""

    CONSENT = "consent"
    """POPIA s11(1)(a); GDPR 6(1)(a)."""
    EXPLICIT_CONSENT = "explicit_consent"
    """Consent to exactly this, by a clear statement: POPIA s27(1)(a); GDPR 9(2)(a), 49(1)(a)."""
    CUSTOMER_EXCEPTION = "customer_exception"
    """An existing customer, similar goods or services: POPIA s69(3); ePrivacy 13(2)."""
    FIRST_APPROACH = "first_approach"
    """The one request for consent: POPIA s69(2)."""
    CONTRACT = "contract"
    """POPIA s11(1)(b); GDPR 6(1)(b)."""
    LEGAL_OBLIGATION = "legal_obligation"
    """POPIA s11(1)(c); GDPR 6(1)(c)."""
    VITAL_INTEREST = "vital_interest"
    """GDPR 6(1)(d). POPIA has no such basis; the nearest is the data subject's own legitimate interest, s11(1)(d)."""
    SUBJECT_INTEREST = "subject_interest"
    """A legitimate interest of the data subject: POPIA s11(1)(d). GDPR has no such basis."""
    PUBLIC_TASK = "public_task"
    """POPIA s11(1)(e); GDPR 6(1)(e). No purpose of a messaging engine rests on it."""
    LEGITIMATE_INTEREST = "legitimate_interest"
    """
    A legitimate interest of the account or of the recipient, with an assessment on record:
    POPIA s11(1)(f); GDPR 6(1)(f).
    """

    def __str__(self) -> str:
        return str(self.value)


class MessageClass(str, enum.Enum):
    """How a message of a purpose is treated."""

    MARKETING = "marketing"
    """Direct marketing: consent or the customer exception, hours, opt-out."""
    CONSENT_REQUEST = "consent_request"
    """The one request for consent."""
    OPT_OUT_CONFIRMATION = "opt_out_confirmation"
    """The confirmation that an opt-out was heard: once, without promotion, at any hour."""
    SERVICE = "service"
    """What a contract needs, and what a service says about itself."""
    LEGAL_NOTICE = "legal_notice"
    """What the law makes the account say; no opt-out stops it."""
    FEEDBACK = "feedback"
    """Surveys and questions after a sale."""

    def __str__(self) -> str:
        return str(self.value)


class MessageState(str, enum.Enum):
    """Where a message stands in the send protocol (see `ARCHITECTURE.md`)."""

    HELD = "held"
    """Waits for a release, for example after a restore."""
    QUEUED = "queued"
    """Waits for its time and its turn."""
    CLAIMED = "claimed"
    """Taken by a worker; nothing has left yet."""
    DISPATCHING = "dispatching"
    """The intent is stored and the request may be on its way."""
    IN_DOUBT = "in_doubt"
    """It may have been accepted; evidence is awaited and nothing is repeated."""
    ACCEPTED = "accepted"
    """WhatsApp accepted it. Final."""
    REFUSED = "refused"
    """WhatsApp refused it for good. Final."""
    SUPPRESSED = "suppressed"
    """The gate said no. Final."""
    UNRESOLVED = "unresolved"
    """It stayed in doubt until no evidence can come any more. Final, unless evidence comes after all."""
    CANCELLED = "cancelled"
    """The host took it back before it left. Final."""
    EXPIRED = "expired"
    """Its time ran out before it left. Final."""

    def __str__(self) -> str:
        return str(self.value)


class NoticeRight(str, enum.Enum):
    """A right that a notice tells people of."""

    ACCESS = "access"
    """To see what is kept (POPIA s23, GDPR 15)."""
    RECTIFICATION = "rectification"
    """To have it corrected (POPIA s24, GDPR 16)."""
    ERASURE = "erasure"
    """To have it deleted (POPIA s24, GDPR 17)."""
    RESTRICTION = "restriction"
    """To have its use restricted (POPIA s14(6), GDPR 18)."""
    OBJECTION = "objection"
    """To object (POPIA s11(3), GDPR 21)."""
    PORTABILITY = "portability"
    """To take it elsewhere (GDPR 20)."""
    WITHDRAWAL = "withdrawal"
    """To withdraw consent at any time (POPIA s11(2)(b), GDPR 7(3))."""
    COMPLAINT = "complaint"
    """To complain to the authority (POPIA s74, GDPR 77)."""

    def __str__(self) -> str:
        return str(self.value)


class ObjectionScope(str, enum.Enum):
    """What an objection is directed at."""

    DIRECT_MARKETING = "direct_marketing"
    """Direct marketing (POPIA s11(3)(b), GDPR 21(2)): absolute."""
    LEGITIMATE_INTERESTS = "legitimate_interests"
    """Whatever rests on legitimate interests, on grounds of the person's situation (POPIA s11(3)(a), GDPR 21(1))."""

    def __str__(self) -> str:
        return str(self.value)


class ObstacleKind(str, enum.Enum):
    """What keeps a case from being closed."""

    RISK_NOT_ASSESSED = "risk_not_assessed"
    """The risk is not assessed."""
    NOT_TOLD = "not_told"
    """Somebody was told nothing."""
    CHANNEL_NOT_ACCEPTED = "channel_not_accepted"
    """Somebody was told only in ways that do not count."""
    TOLD_INCOMPLETELY = "told_incompletely"
    """Somebody was told only some of it."""
    DELAYED = "delayed"
    """An order with an end says to wait: tell them after it."""

    def __str__(self) -> str:
        return str(self.value)


class OrderKind(str, enum.Enum):
    """Whether what was ordered has to be delivered."""

    DIGITAL = "digital"
    """Nothing is delivered."""
    PHYSICAL = "physical"
    """Something is delivered."""

    def __str__(self) -> str:
        return str(self.value)


class OrderStage(str, enum.Enum):
    """Where an order stands."""

    PENDING = "pending"
    """It is not paid."""
    PROCESSING = "processing"
    """It is paid or accepted, and worked on."""
    PARTIALLY_SHIPPED = "partially_shipped"
    """Some of it is on its way."""
    SHIPPED = "shipped"
    """All of it is on its way."""
    COMPLETED = "completed"
    """Nothing more will happen."""
    CANCELED = "canceled"
    """It is called off. WhatsApp refuses this once it was paid."""

    def __str__(self) -> str:
        return str(self.value)


class PasswordWay(str, enum.Enum):
    """How a one-time password reaches the app (Meta: Authentication templates)."""

    COPY_CODE = "copy_code"
    """The person copies it."""
    ONE_TAP = "one_tap"
    """The person taps, and the app has it."""
    ZERO_TAP = "zero_tap"
    """The app has it at once. Meta's terms of it must be accepted."""

    def __str__(self) -> str:
        return str(self.value)


class PricingDimension(str, enum.Enum):
    """By what charges are told apart."""

    CATEGORY = "category"
    """At whose rate they are charged."""
    KIND = "kind"
    """Whether they are charged."""
    COUNTRY = "country"
    """The country of the person."""
    PHONE = "phone"
    """The number of the business."""
    TIER = "tier"
    """The step of volume prices; told with category and country alone."""

    def __str__(self) -> str:
        return str(self.value)


class ProvenanceContext(str, enum.Enum):
    """How the account came by a person's data (POPIA s18(1)(a), GDPR 14(2)(f): "where did you get my number")."""

    SALE = "sale"
    """In the context of a sale (POPIA s69(3)(a))."""
    FORM = "form"
    """The person filled in a form."""
    LIST = "list"
    """A list from elsewhere."""
    OTHER = "other"
    """Anything else."""

    def __str__(self) -> str:
        return str(self.value)


class Purpose(str, enum.Enum):
    """Why a message is sent. The law asks for a purpose, and the purpose decides what the gate demands."""

    MARKETING = "marketing"
    """
    Promoting goods or services. Needs consent or the customer exception (POPIA s69, ePrivacy 13).
    What says nothing of its purpose counts as this, the strictest.
    """
    CONSENT_REQUEST = "consent_request"
    """Asking for consent, once per person (POPIA s69(2))."""
    OPT_OUT_CONFIRMATION = "opt_out_confirmation"
    """The one confirmation that an opt-out was heard."""
    TRANSACTIONAL = "transactional"
    """What a contract needs: orders, deliveries, payments."""
    AUTHENTICATION = "authentication"
    """One-time passwords."""
    SUPPORT = "support"
    """Answers to a person who wrote."""
    LEGAL_NOTICE = "legal_notice"
    """What the law makes the account say: policy changes, breaches."""
    FEEDBACK = "feedback"
    """Surveys and requests for feedback."""

    def __str__(self) -> str:
        return str(self.value)


class QrImage(str, enum.Enum):
    """As what a code is drawn."""

    PNG = "png"
    """Pixels."""
    SVG = "svg"
    """Shapes."""

    def __str__(self) -> str:
        return str(self.value)


class RecipientClass(str, enum.Enum):
    """Who gets the data."""

    UNKNOWN = "unknown"
    """Nobody has said."""
    PLATFORM = "platform"
    """WhatsApp and Meta, to bring messages to people."""
    SERVICE_PROVIDER = "service_provider"
    """Somebody who works on the account's instructions: a processor, or operator."""
    BUSINESS_PARTNER = "business_partner"
    """A partner with purposes of its own."""
    LEGAL_AUTHORITY = "legal_authority"
    """An authority or a court."""
    BUSINESS_TRANSFER = "business_transfer"
    """Whoever takes the business over."""
    ADVERTISER = "advertiser"
    """An advertiser."""
    COMPETITOR = "competitor"
    """A competitor of the account's. Never."""
    BUYER = "buyer"
    """Whoever pays for the data. Never."""

    def __str__(self) -> str:
        return str(self.value)


class RefusalGround(str, enum.Enum):
    """Why a right is refused. Without one of these it is not."""

    IDENTITY_UNPROVEN = "identity_unproven"
    """Who asks could not be identified (GDPR 11(2), 12(2); POPIA s23(1))."""
    LEGAL_OBLIGATION = "legal_obligation"
    """A law wants the data kept (GDPR 17(3)(b); POPIA s14(1)(a))."""
    LEGAL_CLAIMS = "legal_claims"
    """Legal claims need them (GDPR 17(3)(e), 21(1))."""
    FREEDOM_OF_EXPRESSION = "freedom_of_expression"
    """Freedom of expression and information (GDPR 17(3)(a))."""
    PUBLIC_INTEREST = "public_interest"
    """Archiving, research or statistics in the public interest (GDPR 17(3)(d))."""
    COMPELLING_GROUNDS = "compelling_grounds"
    """Compelling grounds against an objection on other grounds than direct marketing (GDPR 21(1))."""
    EXCESSIVE = "excessive"
    """Manifestly unfounded or excessive, above all when repeated (GDPR 12(5)(b))."""
    RIGHTS_OF_OTHERS = "rights_of_others"
    """It would take from the rights of others (GDPR 15(4), 20(4); PAIA s63)."""
    ACCURATE = "accurate"
    """The data are accurate, as far as could be found out (POPIA s24(2)(d): a statement is attached instead)."""
    OUTSIDE_SCOPE = "outside_scope"
    """The right does not reach these data: not by consent or contract, not given by the person (GDPR 20(1))."""
    NO_DATA = "no_data"
    """There are no data."""

    def __str__(self) -> str:
        return str(self.value)


class Regime(str, enum.Enum):
    """A law of data protection."""

    POPIA = "popia"
    """South Africa's Protection of Personal Information Act, 4 of 2013."""
    GDPR = "gdpr"
    """Regulation (EU) 2016/679."""

    def __str__(self) -> str:
        return str(self.value)


class RequestChannel(str, enum.Enum):
    """By what way a request came."""

    WHATSAPP = "whatsapp"
    """The person's own words on WhatsApp."""
    PREFERENCE_PAGE = "preference_page"
    """Their page of preferences."""
    EMAIL = "email"
    """By e-mail."""
    PHONE = "phone"
    """By phone. POPIA wants it recorded (regulation 2, 17 April 2025)."""
    POST = "post"
    """On paper."""
    IN_PERSON = "in_person"
    """In person."""
    OTHER = "other"
    """Any other."""

    def __str__(self) -> str:
        return str(self.value)


class RequestState(str, enum.Enum):
    """Where a request, or one right of it, stands."""

    RECEIVED = "received"
    """It is there; nobody has looked at it."""
    IDENTITY_PENDING = "identity_pending"
    """It waits for proof of who asks (GDPR 12(6), POPIA s23(1))."""
    ACCEPTED = "accepted"
    """It is to be answered."""
    IN_PROGRESS = "in_progress"
    """Part of it is done."""
    FULFILLED = "fulfilled"
    """It is done. Final."""
    PARTIALLY_FULFILLED = "partially_fulfilled"
    """Some of it is done and some refused. Final."""
    REFUSED = "refused"
    """It is refused, with a ground. Final."""
    WITHDRAWN = "withdrawn"
    """The person took it back. Final."""
    DUPLICATE = "duplicate"
    """It repeats another. Final."""

    def __str__(self) -> str:
        return str(self.value)


class RestrictionGround(str, enum.Enum):
    """Why processing is restricted (GDPR 18(1), POPIA s14(6))."""

    ACCURACY_CONTESTED = "accuracy_contested"
    """The person contests the data's accuracy."""
    UNLAWFUL = "unlawful"
    """The processing is unlawful, and the person wants the data kept."""
    NEEDED_FOR_CLAIMS = "needed_for_claims"
    """The account needs the data no more; the person does, for a claim."""
    OBJECTION_PENDING = "objection_pending"
    """An objection is pending."""

    def __str__(self) -> str:
        return str(self.value)


class RetentionAction(str, enum.Enum):
    """What is done when the time is over."""

    ERASE = "erase"
    """It is erased."""
    ERASE_KEEP_SUPPRESSION = "erase_keep_suppression"
    """It is erased; the suppression list and a proof that names nobody stay."""
    ANONYMISE = "anonymise"
    """Only counts over enough people stay."""
    SHRED_KEY = "shred_key"
    """The person's key is destroyed."""
    KEEP = "keep"
    """Nothing: time does not end it."""

    def __str__(self) -> str:
        return str(self.value)


class RetentionClass(str, enum.Enum):
    """The class of a record: which rule governs it."""

    ACTIVE_ACCOUNT = "active_account"
    """A customer's account with the business."""
    TRANSACTION = "transaction"
    """What documents a transaction."""
    MARKETING = "marketing"
    """What is kept to market with."""
    SUPPORT = "support"
    """Conversations."""
    ANALYTICS = "analytics"
    """How the service is used."""
    CONSENT = "consent"
    """The proof of consent and of what was declared."""
    SUPPRESSION = "suppression"
    """The suppression list."""
    DECISION = "decision"
    """What was decided about messages."""
    REQUEST = "request"
    """Requests of data subjects."""
    AUDIT = "audit"
    """The audit log."""
    ACCOUNT = "account"
    """The account's own records."""

    def __str__(self) -> str:
        return str(self.value)


class Retry(str, enum.Enum):
    """Whether calling again can help."""

    NEVER = "never"
    """No: change the call or the configuration first."""
    LATER = "later"
    """Yes, after a pause."""
    UNKNOWN = "unknown"
    """Nobody can know whether the call took effect. Look before you repeat it."""

    def __str__(self) -> str:
        return str(self.value)


class RightKind(str, enum.Enum):
    """What a data subject can ask."""

    ACCESS = "access"
    """A copy of the data, and what is done with them (GDPR 15; POPIA s23)."""
    PORTABILITY = "portability"
    """The data in a form for machines (GDPR 20)."""
    RECTIFICATION = "rectification"
    """Correction (GDPR 16; POPIA s24(1)(a))."""
    ERASURE = "erasure"
    """Erasure (GDPR 17; POPIA s24(1)(b))."""
    RESTRICTION = "restriction"
    """Storage and nothing else (GDPR 18; POPIA s14(6))."""
    OBJECTION = "objection"
    """An end to a use (GDPR 21; POPIA s11(3))."""
    WITHDRAWAL = "withdrawal"
    """An end to consent (GDPR 7(3); POPIA s11(2)(b))."""
    INQUIRY = "inquiry"
    """Any question about the data."""

    def __str__(self) -> str:
        return str(self.value)


class Scope(str, enum.Enum):
    """What somebody may do. The host authenticates people; the engine checks every call of theirs."""

    CONTACTS_READ = "contacts_read"
    """Read contacts, and what was said about consent."""
    CONTACTS_WRITE = "contacts_write"
    """Create, change and merge contacts, import files."""
    CONTACTS_EXPORT = "contacts_export"
    """Take personal data out: exports, and the suppression list."""
    CONSENT_WRITE = "consent_write"
    """Record and withdraw consent, declare what is known of a person."""
    MESSAGES_READ = "messages_read"
    """Read messages, events and media."""
    MESSAGES_SEND = "messages_send"
    """Send single messages, answer, cancel and release them."""
    CAMPAIGN_EDIT = "campaign_edit"
    """Plan, pause and cancel campaigns."""
    CAMPAIGN_APPROVE = "campaign_approve"
    """Approve a campaign that somebody else planned."""
    CAMPAIGN_SEND = "campaign_send"
    """Start campaigns."""
    RIGHTS_MANAGE = "rights_manage"
    """Work on requests of data subjects."""
    PRIVACY_ERASE = "privacy_erase"
    """Erase people, hold them back from erasure, run the retention sweep."""
    INCIDENTS_MANAGE = "incidents_manage"
    """Work on breach cases."""
    REGISTERS_WRITE = "registers_write"
    """Keep the registers of disclosures, transfers and assessments."""
    AUDIT_READ = "audit_read"
    """Read the audit log and the registers, verify the store."""
    KEYS_ROTATE = "keys_rotate"
    """Rotate keys."""
    ACCOUNT_ADMIN = "account_admin"
    """Change settings, notices and templates; back up, restore, resume and close."""
    INBOUND_RECEIVE = "inbound_receive"
    """Hand in webhooks and requests from the web."""

    def __str__(self) -> str:
        return str(self.value)


class StatusKind(str, enum.Enum):
    """What a status says."""

    SENT = "sent"
    """WhatsApp sent it on."""
    DELIVERED = "delivered"
    """It is on the phone."""
    READ = "read"
    """It was opened."""
    FAILED = "failed"
    """It did not arrive."""

    def __str__(self) -> str:
        return str(self.value)


class StorageFault(str, enum.Enum):
    """What is wrong with the storage."""

    NEWER = "newer"
    """The file was written by a newer version of conek. Upgrade the library."""
    NOT_OURS = "not_ours"
    """The file is a database of another program, or no database at all. Choose another path."""
    READ_ONLY = "read_only"
    """The disk or file cannot be written. Check permissions and mount options."""
    FULL = "full"
    """The disk is full. Free space, then continue; nothing was half written."""
    LOCKED = "locked"
    """Another process has this file open. Close it, or use that process."""
    CORRUPT = "corrupt"
    """The database is damaged. Restore a backup."""
    UNAVAILABLE = "unavailable"
    """The storage does not answer."""

    def __str__(self) -> str:
        return str(self.value)


class SuppressionScope(str, enum.Enum):
    """What an entry stops."""

    MARKETING = "marketing"
    """Direct marketing."""
    ALL = "all"
    """Everything but what the law makes the account say."""

    def __str__(self) -> str:
        return str(self.value)


class TemplateCategory(str, enum.Enum):
    """How WhatsApp classes a template."""

    MARKETING = "marketing"
    """Promotion."""
    UTILITY = "utility"
    """Tied to something the person did."""
    AUTHENTICATION = "authentication"
    """One-time passwords."""

    def __str__(self) -> str:
        return str(self.value)


class TemplateProduct(str, enum.Enum):
    """By which of WhatsApp's two ways messages left."""

    CLOUD_API = "cloud_api"
    """`/messages`."""
    MARKETING_MESSAGES = "marketing_messages"
    """`/marketing_messages`."""

    def __str__(self) -> str:
        return str(self.value)


class TransferMechanism(str, enum.Enum):
    """What a transfer rests on."""

    ADEQUACY = "adequacy"
    """
    A decision that the country protects data adequately (GDPR 45). For a transfer under POPIA it shows that
    the country's law does (s72(1)(a)).
    """
    ADEQUATE_LAW = "adequate_law"
    """The recipient's law, as the account itself has assessed it (POPIA s72(1)(a))."""
    STANDARD_CLAUSES = "standard_clauses"
    """The standard contractual clauses of Decision (EU) 2021/914 (GDPR 46(2)(c))."""
    OLD_STANDARD_CLAUSES = "old_standard_clauses"
    """Those of 2001, 2004 and 2010, of no effect since 27 December 2022."""
    BINDING_RULES = "binding_rules"
    """Binding corporate rules (GDPR 47; POPIA s72(1)(a))."""
    BINDING_AGREEMENT = "binding_agreement"
    """An agreement that binds the recipient to an adequate level (POPIA s72(1)(a))."""
    DATA_PRIVACY_FRAMEWORK = "data_privacy_framework"
    """The EU-US Data Privacy Framework, for whoever is certified."""
    PRIVACY_SHIELD = "privacy_shield"
    """The EU-US Privacy Shield, invalid since 16 July 2020."""
    SAFE_HARBOUR = "safe_harbour"
    """Safe Harbour, invalid since 6 October 2015."""
    CONSENT = "consent"
    """The person's consent to the transfer (POPIA s72(1)(b); GDPR 49(1)(a), explicit)."""
    CONTRACT = "contract"
    """A contract with the person needs it (POPIA s72(1)(c); GDPR 49(1)(b))."""
    CONTRACT_IN_INTEREST = "contract_in_interest"
    """A contract in the person's interest needs it (POPIA s72(1)(d); GDPR 49(1)(c))."""
    BENEFIT = "benefit"
    """It benefits the person, asking is not practicable, and they would agree (POPIA s72(1)(e))."""
    PUBLIC_INTEREST = "public_interest"
    """Important reasons of public interest that the law recognises (GDPR 49(1)(d))."""
    LEGAL_CLAIMS = "legal_claims"
    """Legal claims (GDPR 49(1)(e))."""
    VITAL_INTEREST = "vital_interest"
    """Somebody's life, where consent cannot be given (GDPR 49(1)(f))."""

    def __str__(self) -> str:
        return str(self.value)
