//! The Rust half: a class for each record and enum, and the handles with their operations.

// What is written is Rust, laid out afterwards: a line's end belongs to the text.
#![allow(clippy::write_with_newline)]

use std::{error::Error, fmt::Write as _};

use super::{constructed, error_class, ordered};
use crate::model::{Field, Model, Namespace, Operation, Record, Sum, Type};

type Res = Result<String, Box<dyn Error>>;

/// Operations that compute or read much: they run on the engine's threads, never on the event loop's.
const HEAVY: [&str; 8] =
    ["import_file", "import_csv", "send_many", "backup", "migrate", "plan", "start", "upload"];

const HEAD: &str = "//! Generated from conek-core by `cargo run -p conek-codegen`. Do not edit.\n";

fn lay_out(head: &str, rust: &str) -> Res {
    let file = syn::parse_file(rust).map_err(|e| format!("generated Rust does not parse: {e}\n{rust}"))?;
    Ok(format!("{head}{}", prettyplease::unparse(&file)))
}

fn doc(docs: &str) -> String {
    docs.lines().map(|l| format!("#[doc = {:?}]\n", format!(" {l}"))).collect()
}

/// The mirror's type.
fn rust(ty: &Type) -> String {
    match ty {
        Type::Unit => "()".into(),
        Type::Bool => "bool".into(),
        Type::I32 => "i32".into(),
        Type::I64 => "i64".into(),
        Type::F64 => "f64".into(),
        Type::Text | Type::Id(_) => "String".into(),
        Type::Bytes => "Vec<u8>".into(),
        Type::Time => "Moment".into(),
        Type::Named(n) => n.clone(),
        Type::Option(t) => format!("Option<{}>", rust(t)),
        Type::List(t) => format!("Vec<{}>", rust(t)),
        Type::Map(t) => format!("BTreeMap<String, {}>", rust(t)),
    }
}

/// The expression that carries `e` from the core to the mirror or back: both ways are `into`.
pub(super) fn carry(ty: &Type, e: &str) -> String {
    match ty {
        Type::Id(_) | Type::Time | Type::Named(_) => format!("{e}.into()"),
        Type::Option(t) | Type::List(t) | Type::Map(t) if carry(t, "x") == "x" => e.to_owned(),
        Type::Option(t) => format!("{e}.map(|x| {})", carry(t, "x")),
        Type::List(t) => format!("{e}.into_iter().map(|x| {}).collect()", carry(t, "x")),
        Type::Map(t) => format!("{e}.into_iter().map(|(k, x)| (k, {})).collect()", carry(t, "x")),
        _ => e.to_owned(),
    }
}

fn default(f: &Field) -> Option<String> {
    Some(match &f.ty {
        Type::Option(_) => "None".to_owned(),
        Type::List(_) => "Vec::new()".to_owned(),
        Type::Map(_) => "BTreeMap::new()".to_owned(),
        Type::Bool => "false".to_owned(),
        Type::Named(n) if f.made => format!("{n}::default()"),
        _ => return None,
    })
}

/// Fields that must be given first, the others by name.
fn signature(fields: &[Field]) -> String {
    let must = fields.iter().filter(|f| default(f).is_none()).map(|f| f.name.clone());
    let may = fields.iter().filter_map(|f| Some(format!("{} = {}", f.name, default(f)?)));
    let star = fields.iter().any(Field::has_default).then(|| "*".to_owned());
    must.chain(star).chain(may).collect::<Vec<_>>().join(", ")
}

fn names(fields: &[Field]) -> String {
    fields.iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn carried(fields: &[Field]) -> String {
    fields.iter().map(|f| format!("{}: {}", f.name, carry(&f.ty, &f.name))).collect::<Vec<_>>().join(", ")
}

fn declared(fields: &[Field], public: &str) -> String {
    fields.iter().map(|f| format!("{}{public}{}: {},\n", doc(&f.docs), f.name, rust(&f.ty))).collect()
}

/// `src/types.rs`.
pub fn types(model: &Model) -> Res {
    let mut o = String::from(
        "use std::collections::BTreeMap;\nuse pyo3::prelude::*;\nuse crate::{names::plain, moment::Moment};\n",
    );
    for record in model.records.values() {
        write_record(&mut o, record)?;
    }
    for sum in model.sums.values() {
        if sum.is_plain() { write_plain(&mut o, sum)? } else { write_sum(&mut o, sum)? }
    }
    write_errors(&mut o, model)?;
    lay_out(HEAD, &o)
}

fn repr(name: &str, core: &str) -> String {
    // The core's Debug says nothing of a person.
    format!("fn __repr__(&self) -> String {{ format!(\"{{:?}}\", {core}::from({name}::clone(self))) }}\n")
}

fn write_record(o: &mut String, r: &Record) -> std::fmt::Result {
    let (name, core, fields) = (&r.name, format!("{}::{}", r.module, r.name), &r.fields);
    let (all, to) = (names(fields), carried(fields));
    write!(
        o,
        "{docs}#[pyclass(frozen, get_all, eq, from_py_object, module = \"conek\")] #[derive(Clone, PartialEq)]
        pub struct {name} {{ {decl} }}
        impl From<{core}> for {name} {{ fn from(v: {core}) -> Self {{ let {core} {{ {all} }} = v; Self {{ {to} }} }} }}
        impl From<{name}> for {core} {{ fn from(v: {name}) -> Self {{ let {name} {{ {all} }} = v; Self {{ {to} }} }} }}
        #[pymethods] impl {name} {{
            #[new] #[pyo3(signature = ({sig}))] #[allow(clippy::too_many_arguments)]
            fn new({args}) -> Self {{ Self {{ {all} }} }}
            {repr}
            /// The same record with other values for the fields named.
            #[pyo3(signature = (**changes))]
            fn __replace__<'py>(slf: &Bound<'py, Self>, changes: Option<&Bound<'py, pyo3::types::PyDict>>) -> PyResult<Bound<'py, PyAny>> {{
                crate::names::replaced(slf.as_any(), &[{quoted}], changes)
            }}
        }}\n",
        quoted = fields.iter().map(|f| format!("{:?}", f.name)).collect::<Vec<_>>().join(", "),
        docs = doc(&r.docs),
        decl = declared(fields, "pub "),
        sig = signature(fields),
        args = constructed(fields).iter().map(|f| format!("{}: {}", f.name, rust(&f.ty))).collect::<Vec<_>>().join(", "),
        repr = repr(name, &core),
    )?;
    if r.default {
        write!(o, "impl Default for {name} {{ fn default() -> Self {{ {core}::default().into() }} }}\n")?;
    }
    Ok(())
}

fn write_plain(o: &mut String, s: &Sum) -> std::fmt::Result {
    let variants = s
        .variants
        .iter()
        .map(|v| format!("{}{} = {:?},\n", doc(&v.docs), v.name, v.code))
        .collect::<String>();
    // A variant of a newer core than this file's: `--check` fails before it can be met.
    let rest = match s.variants.last() {
        Some(last) if s.non_exhaustive => format!(", _ => {}", last.name),
        _ => String::new(),
    };
    write!(
        o,
        "plain! {{ {}{} : {}::{} {{ {variants} }} {rest} }}\n",
        doc(&s.docs),
        s.name,
        s.module,
        s.name
    )?;
    if s.default {
        write!(
            o,
            "impl Default for {0} {{ fn default() -> Self {{ {1}::{0}::default().into() }} }}\n",
            s.name, s.module
        )?;
    }
    Ok(())
}

fn write_sum(o: &mut String, s: &Sum) -> std::fmt::Result {
    let (name, core) = (&s.name, format!("{}::{}", s.module, s.name));
    let mut variants = String::new();
    let mut arms = [String::new(), String::new()];
    for v in &s.variants {
        let (all, to) = (names(&v.fields), carried(&v.fields));
        // The constructor's order is the fields' own.
        let (sig, decl) = (signature(&v.fields), declared(&constructed(&v.fields), ""));
        write!(variants, "{}#[pyo3(constructor = ({sig}))] {} {{ {decl} }},\n", doc(&v.docs), v.name)?;
        for (arm, from) in arms.iter_mut().zip([&core, name]) {
            write!(arm, "{from}::{} {{ {all} }} => Self::{} {{ {to} }},\n", v.name, v.name)?;
        }
    }
    write!(
        o,
        "{docs}#[pyclass(frozen, eq, from_py_object, module = \"conek\")] #[derive(Clone, PartialEq)]
        pub enum {name} {{ {variants} }}
        impl From<{core}> for {name} {{ fn from(v: {core}) -> Self {{ match v {{ {out} }} }} }}
        impl From<{name}> for {core} {{ fn from(v: {name}) -> Self {{ match v {{ {back} }} }} }}
        #[pymethods] impl {name} {{ {repr} }}\n",
        docs = doc(&s.docs),
        out = arms[0],
        back = arms[1],
        repr = repr(name, &core),
    )
}

/// Errors out (kind and fields for the exception's class) and in (the exception that a host raised).
fn write_errors(o: &mut String, model: &Model) -> std::fmt::Result {
    let (mut out, mut back) = (String::new(), String::new());
    for k in &model.errors.kinds {
        let set: String =
            k.fields.iter().map(|f| format!("fields.set_item({:?}, {})?;", f.name, carry_as(f))).collect();
        write!(
            out,
            "conek_core::Error::{} {{ {} }} => {{ {set} {:?} }}\n",
            k.name,
            names(&k.fields),
            error_class(&k.name)
        )?;
        let get = k.fields.iter().map(|f| {
            let ty = rust(&f.ty);
            format!(
                "{}: {}",
                f.name,
                carry(&f.ty, &format!("crate::errors::field::<{ty}>(fields, {:?})?", f.name))
            )
        });
        write!(
            back,
            "{:?} => conek_core::Error::{} {{ {} }},\n",
            k.name,
            k.name,
            get.collect::<Vec<_>>().join(", ")
        )?;
    }
    write!(
        o,
        "/// Sets the error's fields and gives the name of its class.
        pub fn error_fields(error: conek_core::Error, fields: &Bound<'_, pyo3::types::PyDict>) -> PyResult<&'static str> {{
            Ok(match error {{ {out} other => {{ fields.set_item(\"detail\", other.to_string())?; \"InternalError\" }} }})
        }}
        /// The error of that kind with these fields.
        pub fn error_of(kind: &str, fields: &Bound<'_, pyo3::types::PyDict>) -> PyResult<conek_core::Error> {{
            Ok(match kind {{ {back} _ => return Err(pyo3::exceptions::PyValueError::new_err(\"no such kind of error\")) }})
        }}\n"
    )
}

fn carry_as(f: &Field) -> String {
    match &f.ty {
        Type::Named(n) => format!("{n}::from({})", f.name),
        ty => carry(ty, &f.name),
    }
}

/// `src/operations.rs`.
pub fn operations(model: &Model) -> Res {
    let mut o = String::from(
        "#![allow(unused_imports)]\nuse std::collections::BTreeMap;\nuse pyo3::prelude::*;\nuse crate::{moment::Moment, run, types::*};\n",
    );
    for namespace in model.all_namespaces() {
        write_namespace(&mut o, model, namespace)?;
    }
    let mut all: Vec<&str> = model
        .records
        .keys()
        .chain(model.sums.values().filter(|s| !s.is_plain()).map(|s| &s.name))
        .map(|n| &**n)
        .collect();
    all.extend(model.all_namespaces().map(|n| &*n.class));
    let mut add: String = all.iter().map(|n| format!("m.add_class::<{n}>()?;\n")).collect();
    for f in &model.functions {
        write_function(&mut o, f)?;
        write!(add, "m.add_function(wrap_pyfunction!({}, m)?)?;\n", f.name)?;
    }
    write!(
        o,
        "/// Adds every generated class.\npub fn add_classes(m: &Bound<'_, PyModule>) -> PyResult<()> {{ {add} Ok(()) }}\n"
    )?;
    lay_out(HEAD, &o)
}

fn write_namespace(o: &mut String, model: &Model, n: &Namespace) -> std::fmt::Result {
    let class = &n.class;
    let mut methods = String::new();
    if n.name == "engine" {
        for other in &model.namespaces {
            write!(
                methods,
                "{}#[getter] fn {}(&self) -> {} {{ {}(self.0.{}()) }}\n",
                doc(&other.docs),
                other.name,
                other.class,
                other.class,
                other.name
            )?;
        }
        methods.push_str(
            "async fn __aenter__(slf: Py<Self>) -> PyResult<Py<Self>> { Ok(slf) }
            #[pyo3(signature = (*_raised))]
            async fn __aexit__(&self, _raised: Py<pyo3::types::PyTuple>) -> PyResult<()> {
                let handle = self.0.clone();
                run::inline(async move { handle.close().await }).await
            }\n",
        );
    }
    if n.name == "inbound" {
        methods.push_str(
            "/// Every event behind the cursor `after`, and then each as it happens, until the engine is closed.
            #[pyo3(signature = (after = None))]
            fn stream(slf: Py<Self>, py: Python<'_>, after: Option<String>) -> PyResult<Py<PyAny>> {
                Ok(py.import(\"conek._stream\")?.call_method1(\"events\", (slf, after))?.unbind())
            }\n",
        );
    }
    for op in &n.operations {
        write_operation(&mut methods, op)?;
    }
    if class == "Engine" {
        // Answers another engine, at once: no operation like the others.
        methods.push_str(
            "/// The same engine as somebody sees it who may do less: every call is checked against their scopes, what
            /// they do not see is masked, and the audit log names them. The host authenticates; conek authorises.
            fn session(&self, actor: crate::types::Actor) -> PyResult<Engine> {
                self.0.session(actor.into()).map(Engine).map_err(crate::errors::raise)
            }",
        );
    }
    write!(
        o,
        "{}#[pyclass(frozen, module = \"conek\")] pub struct {class}(pub {}::{class});
        #[pymethods] impl {class} {{ {methods} }}\n",
        doc(&n.docs),
        n.module,
    )
}

fn parameters(op: &Operation) -> String {
    let sig = ordered(op).into_iter().map(|p| match (&p.ty, p.default) {
        (_, Some(number)) => format!("{} = {number}", p.name),
        (Type::Option(_), _) => format!("{} = None", p.name),
        (Type::Named(n), _) if p.optional => format!("{} = {n}::default()", p.name),
        _ => p.name.clone(),
    });
    sig.collect::<Vec<_>>().join(", ")
}

fn answer(op: &Operation) -> String {
    match carry(&op.result, "x") {
        x if x == "x" => String::new(),
        x => format!(".map(|x| {x})"),
    }
}

/// A function without an engine.
fn write_function(o: &mut String, op: &Operation) -> std::fmt::Result {
    let args: Vec<String> = ordered(op).into_iter().map(|p| format!("{}: {}", p.name, rust(&p.ty))).collect();
    let pass: Vec<String> = op.params.iter().map(|p| carry(&p.ty, &p.name)).collect();
    let call = format!("conek_core::questions::{}({})", op.name, pass.join(", "));
    let call = if op.may_fail { call } else { format!("Ok({call})") };
    write!(
        o,
        "{docs}#[pyfunction] #[pyo3(signature = ({sig}))] fn {name}({args}) -> PyResult<{result}> {{
            run::pure(move || {call}){answer}
        }}\n",
        docs = doc(&op.docs),
        sig = parameters(op),
        name = op.name,
        args = args.join(", "),
        result = rust(&op.result),
        answer = answer(op),
    )
}

fn write_operation(o: &mut String, op: &Operation) -> std::fmt::Result {
    let args = ordered(op).into_iter().map(|p| format!(", {}: {}", p.name, rust(&p.ty)));
    let pass = op.params.iter().map(|p| carry(&p.ty, &p.name));
    let how = if HEAVY.contains(&op.name.as_str()) { "spawned" } else { "inline" };
    let answer = answer(op);
    write!(
        o,
        "{docs}#[pyo3(signature = ({sig}))] async fn {name}(&self{args}) -> PyResult<{result}> {{
            let handle = self.0.clone();
            run::{how}(async move {{ handle.{name}({pass}).await }}).await{answer}
        }}\n",
        docs = doc(&op.docs),
        sig = parameters(op),
        name = op.name,
        args = args.collect::<String>(),
        pass = pass.collect::<Vec<_>>().join(", "),
        result = rust(&op.result),
    )
}
