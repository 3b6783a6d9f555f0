// What Meta's OpenAPI file needs before a validator can go by it. Repairs take away what contradicts the file itself:
// unrepaired it rejects its own examples. Additions are what the API took up after the file, each with its source.

/** Members that the API has and the file does not: schema, member, its schema, since when or after whom. */
export const ADDITIONS = [
    ["BaseMessageProperties", "recipient", { type: "string", pattern: "^[A-Z]{2}(\\.ENT)?\\.[A-Za-z0-9]+$" }, "Meta: Business-scoped user ids, May 2026"],
    ["BaseMessageProperties", "biz_opaque_callback_data", { type: "string", maxLength: 512 }, "Meta: Cloud API changelog, 2023"],
    ["BaseMessageProperties", "recipient_identity_key_hash", { type: "string" }, "Meta: Identity change check"],
    ["MarketingMessageRequestPayload", "recipient", { type: "string", pattern: "^[A-Z]{2}(\\.ENT)?\\.[A-Za-z0-9]+$" }, "Meta: Business-scoped user ids, May 2026"],
    ["MarketingMessageRequestPayload", "biz_opaque_callback_data", { type: "string", maxLength: 512 }, "as for /messages"],
    ["MarketingMessageRequestPayload", "recipient_identity_key_hash", { type: "string" }, "as for /messages"],
    ["MarketingMessageRequestPayload", "context", { type: "object" }, "as for /messages"],
    ["MarkMessageRequestPayload", "typing_indicator", { type: "object", required: ["type"], properties: { type: { const: "text" } } }, "Meta: Typing indicators, 2025"],
];

/** What an action of each kind of interactive message has: members, or the name that it must bear. */
const ACTIONS = {
    button: ["buttons"],
    list: ["button", "sections"],
    product: ["catalog_id"],
    product_list: ["catalog_id"],
    catalog_message: ["catalog_message"],
    flow: ["flow"],
    call_permission_request: ["call_permission_request"],
};

const at = (file, ref) => ref.slice(2).split("/").reduce((part, key) => part[key], file);

/** What a request of a kind goes to: `Phone-Number-ID`, `WABA-ID`, ... in the order in which a name is understood. */
const KINDS = ["Phone-Number-ID", "WABA-ID", "Flow-ID", "group_id", "TEMPLATE_ID", "Media-ID", "Business-ID"];

/** The file made fit for a validator, and which kind of id stands before each noun. */
export function repair(file) {
    const schemas = file.components.schemas;
    for (const [schema, member, type] of ADDITIONS) schemas[schema].properties[member] = type;
    // Whoever is named by `recipient` is not named by `to`.
    for (const name of ["BaseMessageProperties", "MarketingMessageRequestPayload"]) {
        schemas[name].required = schemas[name].required.filter((member) => member !== "to");
        schemas[name].anyOf = [{ required: ["to"] }, { required: ["recipient"] }];
    }
    // `recipient_type` has a default, so that it is not required.
    schemas.BaseMessageProperties.required = schemas.BaseMessageProperties.required.filter((m) => m !== "recipient_type");
    // A place in a list of ten was written as a set of characters.
    for (const component of [schemas.TemplateComponent, schemas.ButtonComponent.allOf[1]]) {
        component.properties.index = { type: ["string", "integer"], pattern: "^[0-9]$", minimum: 0, maximum: 9 };
    }
    const messages = {};
    for (const { $ref } of schemas.Message.oneOf) {
        const schema = flat(file, at(file, $ref));
        messages[schema.properties.type.enum[0]] = schema;
    }
    // Of the alternatives of an action, one belongs to each kind of interactive message.
    const actions = schemas.ActionObject.oneOf;
    for (const [kind, wanted] of Object.entries(ACTIONS)) {
        const action = actions.find((one) => wanted.every((member) => one.required.includes(member) || one.properties.name?.enum[0] === member));
        const object = { ...schemas.InteractiveObject, properties: { ...schemas.InteractiveObject.properties, type: { const: kind }, action } };
        const message = structuredClone(messages.interactive);
        message.properties.interactive = object;
        messages[`interactive-${kind}`] = message;
    }
    delete messages.interactive;
    // Receipts go to the same address and have a schema, which the address does not name.
    messages.read = { ...schemas.MarkMessageRequestPayload, additionalProperties: false };
    // Every alternative forbade what the base allows: `allOf` of two closed objects lets nothing through.
    for (const [name, schema] of Object.entries(schemas)) {
        if (schema.allOf?.every((part) => part.$ref || part.properties)) schemas[name] = flat(file, schema);
    }
    for (const item of Object.values(file.paths)) {
        for (const operation of Object.values(item)) {
            if (!operation.responses) continue;
            // Without a body there is no type of it.
            const type = "#/components/parameters/ContentType";
            if (!operation.requestBody && operation.parameters) operation.parameters = operation.parameters.filter((p) => p.$ref !== type);
            // Where an error is described, Prism answers that one instead of saying what is wrong.
            operation.responses = { 200: operation.responses["200"] };
        }
    }
    // A code that is changed has all that a new one has: the two do not exclude each other.
    const codes = file.paths["/{Version}/{Phone-Number-ID}/message_qrdls"].post.requestBody.content["application/json"];
    codes.schema = { anyOf: codes.schema.oneOf };
    const paths = {}, nouns = new Map();
    for (const [path, item] of Object.entries(file.paths)) {
        const [, kind, noun, rest] = path.match(/^\/\{Version\}\/\{([^}]+)\}(?:\/([a-z_]+))?(.*)$/) ?? [];
        if (!KINDS.includes(kind)) continue;
        // Ids of all kinds look the same: without its kind, `/{id}` is the first of eight addresses.
        paths[`/{Version}/${kind}/{${kind}}${noun ? `/${noun}` : ""}${rest}`] = item;
        const known = nouns.get(noun ?? "");
        if (noun && (known === undefined || KINDS.indexOf(kind) < KINDS.indexOf(known))) nouns.set(noun, kind);
    }
    // Of `oneOf` a validator could only say that none fits: what tells the alternatives apart becomes part of the path.
    split(paths, "/{Version}/Phone-Number-ID/{Phone-Number-ID}/calls", {
        connect: schemas.CallRequestPayload, terminate: schemas.CallTerminateRequestPayload,
    });
    split(paths, "/{Version}/Phone-Number-ID/{Phone-Number-ID}/messages", messages);
    file.paths = paths;
    return { file, nouns };
}

/** An address for each alternative of what may be sent to one. */
function split(paths, path, alternatives) {
    const { post, parameters } = paths[path];
    delete paths[path];
    for (const [name, schema] of Object.entries(alternatives)) {
        const requestBody = { required: true, content: { "application/json": { schema } } };
        paths[`${path}/${name}`] = { parameters, post: { ...post, operationId: `${path}-${name}`, requestBody } };
    }
}

/** One closed object instead of several that exclude each other. */
function flat(file, schema) {
    if (schema.$ref) return flat(file, at(file, schema.$ref));
    if (!schema.allOf) return schema;
    const parts = schema.allOf.map((part) => flat(file, part));
    const whole = { type: "object", properties: Object.assign({}, ...parts.map((part) => part.properties)) };
    whole.required = [...new Set(parts.flatMap((part) => part.required ?? []))];
    const open = parts.find((part) => part.anyOf);
    if (open) whole.anyOf = open.anyOf;
    if (parts.some((part) => part.additionalProperties === false)) whole.additionalProperties = false;
    return whole;
}
