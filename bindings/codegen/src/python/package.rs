//! The Python half: enums, exceptions, protocols, the stub of the native module and `__init__.py`.

use std::fmt::Write as _;

use super::{annotation, constructed, docstring, error_class, ordered, shout};
use crate::model::{Field, Model, Operation, Record, Sum, Type};

const HEAD: &str = "# Generated from conek-core by `cargo run -p conek-codegen`. Do not edit.\n";
/// The stub of what is written by hand in bindings/python/src.
const BY_HAND: &str = include_str!("by_hand.pyi");

fn plain(model: &Model) -> impl Iterator<Item = &Sum> {
    model.sums.values().filter(|s| s.is_plain())
}

/// `_enums.py`: real enums whose members are also their codes as text.
pub fn enums(model: &Model) -> String {
    let mut o =
        format!("{HEAD}\"\"\"Enumerations. Each member is its stable code as text.\"\"\"\n\nimport enum\n");
    for sum in plain(model) {
        o += &format!("\n\nclass {}(str, enum.Enum):\n{}\n", sum.name, docstring(&sum.docs, "    "));
        for v in &sum.variants {
            o += &format!("    {} = \"{}\"\n{}", shout(&v.name), v.code, docstring(&v.docs, "    "));
        }
        o += "\n    def __str__(self) -> str:\n        return str(self.value)\n";
    }
    o
}

/// `_errors.py`.
pub fn errors(model: &Model) -> String {
    let mut used: Vec<&str> = model
        .errors
        .kinds
        .iter()
        .flat_map(|k| &k.fields)
        .filter_map(|f| f.ty.named())
        .chain(["Retry"])
        .collect();
    used.sort_unstable();
    used.dedup();
    let mut o = format!(
        "{HEAD}\"\"\"Exceptions: one class for each kind of error.\"\"\"\n\nfrom __future__ import annotations\n\nfrom typing import Any, ClassVar\n\nfrom . import _conek\nfrom ._enums import {}\n\n\nclass ConekError(Exception):\n{}",
        used.join(", "),
        docstring(&model.errors.docs.replace("`code()`", "`code`"), "    "),
    );
    o += r#"
    code: str
    """The stable code."""
    retry: Retry
    """Whether calling again can help."""
    _kind: ClassVar[str] = "Internal"

    def __init__(self, **fields: Any) -> None:
        code, retry, text = _conek.describe_error(self._kind, fields)
        self._fields = fields
        self.code = code
        self.retry = Retry(retry)
        super().__init__(text)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(self._fields.values())
"#;
    for kind in &model.errors.kinds {
        o += &format!(
            "\n\nclass {}(ConekError):\n{}\n",
            error_class(&kind.name),
            docstring(&kind.docs, "    ")
        );
        o += &format!("    _kind = \"{}\"\n", kind.name);
        for f in &kind.fields {
            o += &format!("    {}: {}\n{}", f.name, annotation(&f.ty, false), docstring(&f.docs, "    "));
        }
        let args: String =
            kind.fields.iter().map(|f| format!(", {}: {}", f.name, annotation(&f.ty, false))).collect();
        let pass: Vec<String> = kind.fields.iter().map(|f| format!("{0}={0}", f.name)).collect();
        o += &format!(
            "\n    def __init__(self{args}) -> None:\n        super().__init__({})\n",
            pass.join(", ")
        );
        for f in &kind.fields {
            o += &format!("        self.{0} = {0}\n", f.name);
        }
    }
    o
}

fn parameters(o: &Operation) -> String {
    declared(o).into_iter().map(|p| format!(", {p}")).collect()
}

fn declared(o: &Operation) -> Vec<String> {
    let params = ordered(o).into_iter().map(|p| {
        let value = match (&p.ty, p.default) {
            (_, Some(number)) => format!(" = {number}"),
            (Type::Option(_), _) => " = None".to_owned(),
            _ if p.optional => " = ...".to_owned(),
            _ => String::new(),
        };
        format!("{}: {}{value}", p.name, annotation(&p.ty, true))
    });
    params.collect()
}

/// `_ports.py`: what a host implements.
pub fn ports(model: &Model) -> String {
    let mut names: Vec<&str> = model
        .ports
        .iter()
        .flat_map(|p| &p.methods)
        .flat_map(|m| m.params.iter().map(|p| &p.ty).chain([&m.result]))
        .filter_map(|t| t.named())
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut o = format!(
        "{HEAD}\"\"\"What a host may bring itself. Each is a protocol: any object with these methods will do.\"\"\"\n\nfrom __future__ import annotations\n\nfrom typing import Protocol\n\nfrom ._conek import (\n{})\n",
        names.iter().map(|n| format!("    {n},\n")).collect::<String>()
    );
    for port in &model.ports {
        let mut docs = port.docs.clone();
        for m in port.methods.iter().filter(|m| m.provided) {
            let params: String =
                m.params.iter().map(|p| format!(", {}: {}", p.name, annotation(&p.ty, false))).collect();
            docs += &format!(
                "\n\nIt may also have `async def {}(self{params}) -> {}`: {}",
                m.name,
                annotation(&m.result, false),
                m.docs
            );
        }
        o += &format!("\n\nclass {}(Protocol):\n{}", port.name, docstring(&docs, "    "));
        // A protocol cannot say "may": such methods are looked for on the host's object.
        for m in port.methods.iter().filter(|m| !m.provided) {
            // What a host is given is a list; it must accept no more than that.
            let params: String =
                m.params.iter().map(|p| format!(", {}: {}", p.name, annotation(&p.ty, false))).collect();
            let word = if m.is_async { "async def" } else { "def" };
            o += &format!(
                "\n    {word} {}(self{params}) -> {}:\n{}        ...\n",
                m.name,
                annotation(&m.result, false),
                docstring(&m.docs, "        ")
            );
        }
    }
    o
}

fn constructor(fields: &[Field], class: &str, indent: &str) -> String {
    let must = fields
        .iter()
        .filter(|f| !f.has_default())
        .map(|f| format!(", {}: {}", f.name, annotation(&f.ty, true)));
    let star = fields.iter().any(Field::has_default).then(|| ", *".to_owned());
    let may = fields.iter().filter(|f| f.has_default()).map(|f| {
        let value = match f.ty {
            Type::Option(_) => "None",
            Type::Bool => "False",
            _ => "...",
        };
        format!(", {}: {} = {value}", f.name, annotation(&f.ty, true))
    });
    format!("{indent}def __new__(cls{}) -> {class}: ...\n", must.chain(star).chain(may).collect::<String>())
}

fn properties(fields: &[Field], indent: &str) -> String {
    let properties = fields.iter().map(|f| {
        let docs = docstring(&f.docs, &format!("{indent}    "));
        format!(
            "{indent}@property\n{indent}def {}(self) -> {}:\n{docs}{indent}    ...\n",
            f.name,
            annotation(&f.ty, false)
        )
    });
    properties.collect()
}

fn record(r: &Record) -> String {
    format!(
        "\n@final\nclass {}:\n{}{}{}    def __replace__(self, **changes: Any) -> Self: ...\n    __hash__: ClassVar[None]  # type: ignore[assignment]\n",
        r.name,
        docstring(&r.docs, "    "),
        constructor(&r.fields, &r.name, "    "),
        properties(&r.fields, "    ")
    )
}

fn sum(s: &Sum) -> String {
    let mut o = format!(
        "\nclass {}:\n{}    __hash__: ClassVar[None]  # type: ignore[assignment]\n",
        s.name,
        docstring(&s.docs, "    ")
    );
    for v in &s.variants {
        let class = format!("{}.{}", s.name, v.name);
        let names: String = constructed(&v.fields).iter().map(|f| format!("\"{}\", ", f.name)).collect();
        o += &format!(
            "    @final\n    class {}({}):\n{}        __match_args__ = ({})\n{}{}",
            v.name,
            s.name,
            docstring(&v.docs, "        "),
            names.trim_end(),
            constructor(&v.fields, &class, "        "),
            properties(&v.fields, "        "),
        );
    }
    o
}

/// `_conek.pyi`.
pub fn stub(model: &Model) -> String {
    let names: String = plain(model).map(|s| format!("    {0} as {0},\n", s.name)).collect();
    let mut o = format!("{HEAD}{}", BY_HAND.replace("# ENUMS\n", &names));
    o.extend(model.records.values().map(record));
    o.extend(model.sums.values().filter(|s| !s.is_plain()).map(sum));
    for f in &model.functions {
        o += &format!(
            "\ndef {}({}) -> {}:\n{}    ...\n",
            f.name,
            declared(f).join(", "),
            annotation(&f.result, false),
            docstring(&f.docs, "    ")
        );
    }
    for n in model.all_namespaces() {
        o += &format!("\n@final\nclass {}:\n{}", n.class, docstring(&n.docs, "    "));
        if n.class == "Engine" {
            o += &format!(
                "    def session(self, actor: Actor) -> Engine:\n{}        ...\n",
                docstring(
                    "The same engine as somebody sees it who may do less: every call is checked against their scopes, what they do not see is masked, and the audit log names them. The host authenticates; conek authorises.",
                    "        ",
                )
            );
        }
        if n.name == "engine" {
            for other in &model.namespaces {
                let docs = docstring(&other.docs, "        ");
                o += &format!(
                    "    @property\n    def {}(self) -> {}:\n{docs}        ...\n",
                    other.name, other.class
                );
            }
            o += "    async def __aenter__(self) -> Self: ...\n    async def __aexit__(self, *_raised: object) -> None: ...\n";
        }
        if n.name == "inbound" {
            o += "    def stream(self, after: str | None = None) -> AsyncIterator[Event]:\n        \"\"\"Every event behind the cursor `after`, and then each as it happens, until the engine is closed.\"\"\"\n        ...\n";
        }
        for op in &n.operations {
            let docs = docstring(&op.docs, "        ");
            o += &format!(
                "    async def {}(self{}) -> {}:\n{docs}        ...\n",
                op.name,
                parameters(op),
                annotation(&op.result, false)
            );
        }
    }
    o
}

/// `__init__.py`.
pub fn init(model: &Model) -> String {
    let mut native: Vec<&str> = model.records.keys().map(|n| &**n).collect();
    native.extend(model.sums.values().filter(|s| !s.is_plain()).map(|s| &*s.name));
    native.extend(model.all_namespaces().map(|n| &*n.class));
    native.extend(["VirtualClock", "open"]);
    native.extend(model.functions.iter().map(|f| &*f.name));
    let replace = vec!["replace"];
    let enums: Vec<&str> = plain(model).map(|s| &*s.name).collect();
    let classes: Vec<String> =
        model.errors.kinds.iter().map(|k| error_class(&k.name)).chain(["ConekError".into()]).collect();
    let errors: Vec<&str> = classes.iter().map(|c| &**c).collect();
    let ports: Vec<&str> = model.ports.iter().map(|p| &*p.name).collect();
    let mut o = format!(
        "{HEAD}\"\"\"\nA WhatsApp Business messaging engine that cannot send what it may not send.\n\nOpen one with `await conek.open(conek.Config(...))`.\n\"\"\"\n\n"
    );
    let mut all = Vec::new();
    for (module, mut names) in
        [("_conek", native), ("_enums", enums), ("_errors", errors), ("_ports", ports), ("_records", replace)]
    {
        names.sort_unstable();
        o += &format!(
            "from .{module} import (\n{})\n",
            names.iter().map(|n| format!("    {n},\n")).collect::<String>()
        );
        all.extend(names);
    }
    all.sort_unstable();
    let _ =
        write!(o, "\n__all__ = [\n{}]\n", all.iter().map(|n| format!("    \"{n}\",\n")).collect::<String>());
    o
}
