// Where a request is right and Meta's file is older or wrong: the operation, what Prism says of it, why, and after
// whom. An exception that nothing needs fails the test.

const absent = /: 404 Route not resolved|: 405 Route resolved/;
const type = /: 415 Invalid content type/;
const except = (operation, says, why) => ({ operation, says, why });

/** Operations that the file does not have. */
const NEWER = [
    ["GET /oauth/access_token", "Meta: Embedded signup, onboarding; pywa 4.5 api.py"],
    ["GET /message_template_library", "Meta: Template library; pywa 4.5 api.py"],
    ["POST /{Application-ID}/uploads", "Meta: Resumable Upload API; pywa 4.5 api.py"],
    ["POST /upload", "Meta: Resumable Upload API; pywa 4.5 api.py"],
    ["GET /{Phone-Number-ID}/username", "Meta: Business-scoped user ids, 2026; pywa 4.5 api.py"],
    ["POST /{Phone-Number-ID}/username", "Meta: Business-scoped user ids, 2026; pywa 4.5 api.py"],
    ["DELETE /{Phone-Number-ID}/username", "Meta: Business-scoped user ids, 2026; pywa 4.5 api.py"],
    ["GET /{Phone-Number-ID}/username_suggestions", "Meta: Business-scoped user ids, 2026; pywa 4.5 api.py"],
    ["GET /{WABA-ID}/template_analytics", "Meta: Analytics, template analytics"],
    ["GET /{WABA-ID}/signups", "Meta: In-App Signup, 2026; pywa 4.5 api.py"],
    ["POST /{WABA-ID}/signups", "Meta: In-App Signup, 2026; pywa 4.5 api.py"],
    ["GET /signups", "Meta: In-App Signup, 2026; pywa 4.5 api.py"],
    ["POST /signups", "Meta: In-App Signup, 2026; pywa 4.5 api.py"],
    ["POST /{WABA-ID}/migrate_message_templates", "Meta: Template migration; pywa 4.5 api.py"],
    ["GET /{TEMPLATE_ID}/compare", "Meta: Template comparison; pywa 4.5 api.py"],
    ["POST /{TEMPLATE_ID}/unpause", "Meta: Template pausing; pywa 4.5 api.py"],
    ["GET /{group_id}/invite_link", "Meta: Groups API, invite links; pywa 4.5 api.py"],
    ["POST /{Phone-Number-ID}/calls/pre_accept", "Meta: Calling API, user-initiated calls; pywa 4.5 api.py"],
    ["POST /{Phone-Number-ID}/calls/accept", "Meta: Calling API, user-initiated calls; pywa 4.5 api.py"],
    ["POST /{Phone-Number-ID}/calls/reject", "Meta: Calling API, user-initiated calls; pywa 4.5 api.py"],
    ...["cta_url", "location_request_message", "address_message", "order_details", "order_status"].map((kind) =>
        [`POST /{Phone-Number-ID}/messages/interactive-${kind}`, `Meta: Messages, interactive ${kind}; whatsapp-api-js 6.3, pywa 4.5`]),
    ...["voice_call", "carousel", "request_contact_info"].map((kind) =>
        [`POST /{Phone-Number-ID}/messages/interactive-${kind}`, `Meta: Messages, interactive ${kind}; pywa 4.5`]),
];

export const EXCEPTIONS = [
    ...NEWER.map(([operation, source]) => except(operation, absent, `not in the file: ${source}`)),

    // Tests that send what is no request of the engine's own.
    except("POST /{Phone-Number-ID}/messages/poll", absent, "a raw message of a kind that a test invents"),
    except("GET /{?}", absent, "a test asks for an id that nothing has"),
    except("POST /{Phone-Number-ID}/messages/template", /template\.language: .*'policy'/,
        "a raw template: what a host writes itself goes as it is; the only policy is the default (Meta: Templates)"),

    // The file knows forms alone; the Graph API takes the same in JSON.
    except("POST /{WABA-ID}/flows", type, "JSON as in pywa 4.5 api.py, create_flow"),
    except("POST /{Flow-ID}", type, "JSON as in pywa 4.5 api.py, update_flow_metadata"),
    except("POST /{WABA-ID}/migrate_flows", type, "JSON like its sibling; pywa 4.5 puts it into the query"),
    except("POST /{Phone-Number-ID}/whatsapp_business_encryption", type, "JSON as in pywa 4.5 api.py, set_business_public_key"),

    except("POST /{WABA-ID}", /Body parameter is required/,
        "what is enabled stands in the query, and there is no body: Meta: Analytics, template analytics"),

    // The file's enumerations and types are older, or other than its own descriptions.
    except("POST /{Phone-Number-ID}/messages/template", /components\.\[\]\.(sub_)?type: /,
        "carousels, limited-time offers, copied codes, flows, catalogs: Meta: Templates; whatsapp-api-js 6.3, pywa 4.5"),
    except("POST /{Phone-Number-ID}/messages/location", /location\.(latitude|longitude): .*string/,
        "numbers, as whatsapp-api-js 6.3 and pywa 4.5 send them and Meta's webhooks tell them"),
    except("POST /{Phone-Number-ID}/messages/interactive-catalog_message", /action: .*'parameters'/,
        "the thumbnail may be left out: Meta: Catalog messages; whatsapp-api-js 6.3"),
    except("POST /{Phone-Number-ID}/settings", /body(\.calling\.status)?: /,
        "ENABLED and DISABLED in upper case, one group at a time: Meta: Calling API, settings; pywa 4.5 calls.py"),
    except("POST /{Phone-Number-ID}", /override_callback_uri: .*"uri"/,
        "empty takes the callback away: Meta: Webhooks, overrides; pywa 4.5 api.py"),
];
