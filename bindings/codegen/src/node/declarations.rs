//! `index.d.ts`: the package's types with the core's own words.

use std::fmt::Write as _;

use super::{GENERATED, Reach, camel, class, codes};
use crate::model::{Field, Model, Namespace, Operation, Port, Type};

const OPENING: &str = include_str!("opening.d.ts");

/// Which way a value goes.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// The host gives it.
    Given,
    /// The host gets it.
    Got,
}

struct Writer<'m> {
    model: &'m Model,
    reach: &'m Reach,
    out: String,
}

/// The file.
pub fn generate(model: &Model, reach: &Reach) -> String {
    let mut w = Writer { model, reach, out: format!("{GENERATED}/// <reference types=\"node\" />\n\n") };
    w.engine();
    for namespace in &model.namespaces {
        w.namespace(namespace);
    }
    w.functions();
    w.out.push_str(OPENING);
    w.out.push('\n');
    for port in &model.ports {
        w.port(port);
    }
    w.errors();
    for name in model.records.keys().chain(model.sums.keys()) {
        w.named(name);
    }
    w.out
}

fn quoted<'a>(codes: impl IntoIterator<Item = &'a str>) -> String {
    codes.into_iter().map(|c| format!("'{c}'")).collect::<Vec<_>>().join(" | ")
}

/// Whether a parameter may be left away altogether: nothing behind it must be given.
fn trailing(o: &Operation, at: usize) -> bool {
    o.params.iter().skip(at).all(|p| p.optional)
}

impl Writer<'_> {
    fn docs(&mut self, indent: &str, text: &str) {
        let lines: Vec<_> = text.lines().map(|l| l.replace("*/", "*\\/")).collect();
        let _ = match lines.as_slice() {
            [] => Ok(()),
            [one] => writeln!(self.out, "{indent}/** {one} */"),
            many => {
                let body: String =
                    many.iter().map(|l| format!("{indent} * {l}").trim_end().to_owned() + "\n").collect();
                write!(self.out, "{indent}/**\n{body}{indent} */\n")
            }
        };
    }

    fn form(&self, way: Way, name: &str) -> String {
        match way {
            Way::Given if self.reach.two_forms(self.model, name) => format!("{name}Input"),
            _ => name.to_owned(),
        }
    }

    fn ty(&self, way: Way, t: &Type) -> String {
        match t {
            Type::Unit => "void".into(),
            Type::Bool => "boolean".into(),
            Type::I32 | Type::I64 | Type::F64 => "number".into(),
            Type::Text | Type::Id(_) => "string".into(),
            Type::Bytes if way == Way::Given => "Uint8Array".into(),
            Type::Bytes => "Buffer".into(),
            Type::Time => "Date".into(),
            Type::Named(name) => self.form(way, name),
            Type::Option(t) if way == Way::Given => format!("{} | null | undefined", self.ty(way, t)),
            Type::Option(t) => format!("{} | null", self.ty(way, t)),
            Type::List(t) => {
                let inner = self.ty(way, t);
                let inner = if inner.contains(" | ") { format!("({inner})") } else { inner };
                if way == Way::Given { format!("readonly {inner}[]") } else { format!("{inner}[]") }
            }
            Type::Map(t) => format!("{{ [key: string]: {} }}", self.ty(way, t)),
        }
    }

    /// `name?: type` of a field.
    fn field(&self, way: Way, f: &Field) -> String {
        let name = camel(&f.name);
        match (&f.ty, way) {
            (Type::Option(t), Way::Got) => format!("{name}?: {}", self.ty(way, t)),
            (Type::Option(_), Way::Given) => format!("{name}?: {}", self.ty(way, &f.ty)),
            (t, Way::Given) if f.has_default() => format!("{name}?: {} | null | undefined", self.ty(way, t)),
            (t, _) => format!("{name}: {}", self.ty(way, t)),
        }
    }

    fn params(&self, way: Way, o: &Operation) -> String {
        let params = o.params.iter().enumerate().map(|(i, p)| {
            let name = camel(&p.name);
            match way == Way::Given && p.optional {
                true if trailing(o, i) => format!("{name}?: {}", self.ty(way, &p.ty)),
                _ => format!("{name}: {}", self.ty(way, &p.ty)),
            }
        });
        params.collect::<Vec<_>>().join(", ")
    }

    fn operations(&mut self, namespace: &Namespace) {
        for o in &namespace.operations {
            let defaults = o
                .params
                .iter()
                .filter_map(|p| Some(format!("@param {} {} if missing", camel(&p.name), p.default?)));
            let defaults: Vec<_> = defaults.collect();
            let gap = if defaults.is_empty() { "" } else { "\n\n" };
            self.docs("  ", &format!("{}{gap}{}", o.docs, defaults.join("\n")));
            let (params, result) = (self.params(Way::Given, o), self.ty(Way::Got, &o.result));
            let _ = writeln!(self.out, "  {}({params}): Promise<{result}>", camel(&o.name));
        }
    }

    fn engine(&mut self) {
        let (model, engine) = (self.model, &self.model.engine);
        self.docs("", &engine.docs);
        self.out.push_str("export declare class Engine {\n  private constructor()\n");
        self.docs("  ", &model.open_docs);
        self.out.push_str("  static open(config: Config, ports?: Ports): Promise<Engine>\n");
        self.docs(
            "  ",
            "The same engine as somebody sees it who may do less: every call is checked against their scopes, what they do not see is masked, and the audit log names them. The host authenticates; conek authorises.",
        );
        self.out.push_str("  session(actor: Actor): Engine\n");
        for n in &model.namespaces {
            self.docs("  ", &n.docs);
            let _ = writeln!(self.out, "  readonly {}: {}", camel(&n.name), n.class);
        }
        self.operations(engine);
        self.out.push_str("  /** Closes, at the end of an `await using` block. */\n");
        self.out.push_str("  [Symbol.asyncDispose](): Promise<void>\n}\n\n");
    }

    fn namespace(&mut self, n: &Namespace) {
        self.docs("", &n.docs);
        let _ = write!(self.out, "export declare class {} {{\n  private constructor()\n", n.class);
        self.operations(n);
        if n.name == "inbound" {
            self.docs(
                "  ",
                "Every event behind the cursor `after`, in order, as it comes: `for await (const event of \
                 engine.inbound.stream())`.\n\nEnds when the engine is closed; throws the signal's reason when it \
                 is aborted. Go on later with the `cursor` of the last event you have dealt with.",
            );
            self.out.push_str(
                "  stream(after?: string | null | undefined, options?: { signal?: AbortSignal | undefined }): \
                 AsyncGenerator<Event, void, undefined>\n",
            );
        }
        self.out.push_str("}\n\n");
    }

    fn functions(&mut self) {
        let model = self.model;
        for o in &model.functions {
            self.docs("", &o.docs);
            let (params, result) = (self.params(Way::Given, o), self.ty(Way::Got, &o.result));
            let _ = write!(self.out, "export declare function {}({params}): {result}\n\n", camel(&o.name));
        }
    }

    fn port(&mut self, port: &Port) {
        self.docs("", &port.docs);
        let _ = writeln!(self.out, "export interface {} {{", port.name);
        for m in &port.methods {
            self.docs("  ", &m.docs);
            let (name, result) = (camel(&m.name), self.ty(Way::Given, &m.result));
            let may = if m.provided { "?" } else { "" };
            let _ = match m.is_async {
                true => {
                    let params = self.params(Way::Got, m);
                    writeln!(self.out, "  {name}{may}({params}): Promise<{result}> | {result}")
                }
                false => writeln!(self.out, "  readonly {name}: {result}"),
            };
        }
        self.out.push_str("}\n\n");
    }

    fn errors(&mut self) {
        let model = self.model;
        let _ = write!(
            self.out,
            "/** The stable code of an error. */\nexport type ErrorCode = {}\n\n",
            quoted(model.errors.codes.iter().map(String::as_str))
        );
        self.docs("", &model.errors.docs);
        self.out.push_str(
            "export declare abstract class ConekError extends Error {\n  /** The stable code. */\n  readonly code: \
             ErrorCode\n  /** Whether calling again can help. */\n  readonly retry: Retry\n}\n\n",
        );
        for kind in &model.errors.kinds {
            self.docs("", &kind.docs);
            let class = class(kind);
            let fields: Vec<_> = kind.fields.iter().map(|f| self.field(Way::Got, f)).collect();
            let given = if fields.is_empty() {
                "fields?: {}".to_owned()
            } else {
                format!("fields: {{ {} }}", fields.join("; "))
            };
            let _ = write!(
                self.out,
                "export declare class {class} extends ConekError {{\n  constructor({given})\n  readonly code: {}\n",
                quoted(codes(model, kind))
            );
            for f in &kind.fields {
                self.docs("  ", &f.docs);
                let _ = writeln!(self.out, "  readonly {}", self.field(Way::Got, f));
            }
            self.out.push_str("}\n\n");
        }
        let classes: Vec<_> = model.errors.kinds.iter().map(class).collect();
        let _ = write!(
            self.out,
            "/** Every error of conek, to `switch` on `code`. */\nexport type AnyConekError = {}\n\n/** Whether `error` \
             is one of conek's own. */\nexport declare function isConekError(error: unknown): error is AnyConekError\n\n",
            classes.join(" | ")
        );
    }

    fn named(&mut self, name: &str) {
        let given_only = self.reach.given.contains(name) && !self.reach.got.contains(name);
        self.shape(if given_only { Way::Given } else { Way::Got }, name, name);
        if self.reach.two_forms(self.model, name) {
            self.shape(Way::Given, name, &format!("{name}Input"));
        }
    }

    fn shape(&mut self, way: Way, name: &str, called: &str) {
        let model = self.model;
        let docs = model.record(name).map(|r| &r.docs).or_else(|| model.sum(name).map(|s| &s.docs));
        let mut docs = docs.cloned().unwrap_or_default();
        if called != name {
            docs.push_str("\n\nAs you give it: lists, maps and yes/no fields may be left out.");
        }
        self.docs("", &docs);
        if let Some(record) = model.record(name) {
            let _ = writeln!(self.out, "export interface {called} {{");
            for f in &record.fields {
                self.docs("  ", &f.docs);
                let _ = writeln!(self.out, "  {}", self.field(way, f));
            }
            self.out.push_str("}\n\n");
        } else if let Some(sum) = model.sum(name).filter(|s| s.is_plain()) {
            let codes = quoted(sum.variants.iter().map(|v| v.code.as_str()));
            let _ = write!(
                self.out,
                "export type {called} = {codes}\n/** The values of `{called}` by name. */\n"
            );
            let _ = writeln!(self.out, "export declare const {called}: {{");
            for v in &sum.variants {
                self.docs("  ", &v.docs);
                let _ = writeln!(self.out, "  readonly {}: '{}'", v.name, v.code);
            }
            self.out.push_str("}\n\n");
        } else if let Some(sum) = model.sum(name) {
            let _ = writeln!(self.out, "export type {called} =");
            for v in &sum.variants {
                self.docs("  ", &v.docs);
                let _ = writeln!(self.out, "  | {{\n    type: '{}'", v.code);
                for f in &v.fields {
                    self.docs("    ", &f.docs);
                    let _ = writeln!(self.out, "    {}", self.field(way, f));
                }
                self.out.push_str("  }\n");
            }
            self.out.push('\n');
        }
    }
}
