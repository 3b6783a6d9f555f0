// Stands between the engine and the simulator: hands everything on, and shows Prism every request.

import { createServer, request as ask } from "node:http";

/** The kinds of ids that the simulator gives. */
const IDS = [
    [/^10/, "Phone-Number-ID"], [/^20/, "WABA-ID"], [/^51/, "Flow-ID"], [/^70/, "Media-ID"], [/^90/, "TEMPLATE_ID"],
    [/^Y2Fw/, "group_id"], [/^31/, "Business-ID"], [/^30/, "Application-ID"],
];

function call(port, method, path, headers, body) {
    return new Promise((resolve, reject) => {
        const out = ask({ host: "127.0.0.1", port, method, path, headers: { ...headers, host: `127.0.0.1:${port}` } }, (answer) => {
            const parts = [];
            answer.on("data", (part) => parts.push(part)).on("error", reject);
            answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
        });
        out.on("error", reject);
        out.end(body);
    });
}

/** What a request is called, and where it goes in the repaired file. */
export function name(method, path, body, nouns) {
    const [pure, query = ""] = path.split("?");
    const [version, id, noun = "", ...rest] = pure.split("/").filter(Boolean);
    const kind = nouns.get(noun) ?? IDS.find(([like]) => like.test(id))?.[1] ?? "?";
    const spelled = /^(oauth|upload|signups|message_template_library)/.exec(id);
    let below = [noun, ...rest].filter(Boolean).join("/");
    if (noun === "messages") {
        const message = JSON.parse(body);
        const type = message.status === "read" ? "read" : message.type;
        below += `/${type === "interactive" ? `interactive-${message.interactive.type}` : type}`;
    }
    if (noun === "calls") below += `/${JSON.parse(body).action}`;
    if (spelled) below = id === "oauth" ? noun : "";
    const mark = noun && rest.length > 0 && noun !== "messages" && noun !== "calls" ? `${noun}/{}` : below;
    const named = `${method} /${spelled ? spelled[0] : `{${kind}}`}`;
    const target = `/${version}/${kind}/${id}${below ? `/${below}` : ""}${query ? `?${query}` : ""}`;
    return { operation: `${named}${mark ? `/${mark}` : ""}`, target };
}

/** Starts it; `seen` is a map of operations to what Prism said of them. */
export async function watch(prism, nouns) {
    const seen = new Map(), waiting = [];
    const show = async (request, body) => {
        const { operation, target } = name(request.method, request.path, body, nouns);
        const headers = Object.fromEntries(Object.entries(request.headers).filter(([key]) => !["connection", "transfer-encoding"].includes(key)));
        const said = await call(prism, request.method, target, headers, body);
        const known = seen.get(operation) ?? { requests: 0, bodies: [], violations: new Map() };
        known.requests++;
        known.bodies.push(body.subarray(0, 1 << 16).toString());
        if ([401, 404, 405, 415, 422].includes(said.status)) {
            const problem = JSON.parse(said.body);
            const list = problem.validation ?? [{ location: [], message: `${said.status} ${problem.title ?? ""}` }];
            for (const { location = [], message, code } of list) {
                const violation = `${location.join(".")}: ${message ?? code}`.replaceAll(/\.\d+(?=[.: ])/g, ".[]");
                if (!known.violations.has(violation)) known.violations.set(violation, body.subarray(0, 2_000).toString());
            }
        }
        seen.set(operation, known);
    };
    const server = createServer((request, answer) => {
        const parts = [];
        request.on("data", (part) => parts.push(part));
        request.on("end", async () => {
            const body = Buffer.concat(parts);
            const [, port, path] = request.url.match(/^\/(\d+)(\/.*)$/);
            try {
                // Files have an address of the simulator's own, which is no operation.
                const own = /^\/_/.test(path);
                if (!own) waiting.push(show({ method: request.method, headers: request.headers, path }, body));
                const got = await call(Number(port), request.method, path, request.headers, body);
                const json = /json/.test(got.headers["content-type"] ?? "");
                // Addresses that the simulator tells of itself lead back here.
                const here = `http://${request.headers.host}/${port}`;
                const told = json ? Buffer.from(got.body.toString().replaceAll(`http://127.0.0.1:${port}`, here)) : got.body;
                const { "content-length": _, "transfer-encoding": __, ...headers } = got.headers;
                answer.writeHead(got.status, headers);
                answer.end(told);
            } catch {
                // The simulator cut the connection: so does who stands between.
                request.socket.destroy();
            }
        });
    });
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    return {
        seen,
        url: `http://127.0.0.1:${server.address().port}`,
        async close() {
            server.closeAllConnections();
            await new Promise((closed) => server.close(closed));
            await Promise.all(waiting);
        },
    };
}
