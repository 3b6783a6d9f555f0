//! The Rust half of the Node binding: a mirror of every record and enum, and every operation.

use std::fmt::Write as _;

use super::{Reach, native_name};
use crate::model::{Field, Model, Param, Record, Sum, Type};

/// The mirror's type. What a host may leave out is optional.
fn ty(t: &Type) -> String {
    match t {
        Type::Unit => "()".into(),
        Type::Bool => "bool".into(),
        Type::I32 => "i32".into(),
        Type::I64 => "i64".into(),
        Type::F64 => "f64".into(),
        Type::Text | Type::Id(_) => "String".into(),
        Type::Bytes => "Bytes".into(),
        Type::Time => "Moment".into(),
        Type::Named(name) => name.clone(),
        Type::Option(t) => format!("Option<{}>", ty(t)),
        Type::List(t) => format!("Vec<{}>", ty(t)),
        Type::Map(t) => format!("BTreeMap<String, {}>", ty(t)),
    }
}

fn left_out(f: &Field) -> bool {
    f.made || matches!(f.ty, Type::Bool | Type::List(_) | Type::Map(_))
}

fn field_ty(f: &Field) -> String {
    if left_out(f) { format!("Option<{}>", ty(&f.ty)) } else { ty(&f.ty) }
}

/// Which way a value goes.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// From the core to JavaScript.
    Out,
    /// From JavaScript to the core.
    In,
}

/// The expression that carries `value` across.
fn carry(way: Way, t: &Type, value: &str) -> String {
    match (t, way) {
        (Type::Bytes, Way::Out) => format!("Bytes({value})"),
        (Type::Time, Way::Out) => format!("Moment({value})"),
        (Type::Bytes | Type::Time, Way::In) => format!("{value}.0"),
        (Type::Id(_) | Type::Named(_), _) => format!("{value}.into()"),
        (Type::Option(t), _) => match carry(way, t, "v") {
            same if same == "v" => value.to_owned(),
            other => format!("{value}.map(|v| {other})"),
        },
        (Type::List(t), _) => match carry(way, t, "v") {
            same if same == "v" => value.to_owned(),
            other => format!("{value}.into_iter().map(|v| {other}).collect()"),
        },
        (Type::Map(t), _) => match carry(way, t, "v") {
            same if same == "v" => value.to_owned(),
            other => format!("{value}.into_iter().map(|(k, v)| (k, {other})).collect()"),
        },
        _ => value.to_owned(),
    }
}

fn carry_field(way: Way, f: &Field) -> String {
    let value = match way {
        Way::In if f.made => format!("{}.map(|v| v.into()).unwrap_or_default()", f.name),
        Way::Out if left_out(f) => format!("Some({})", carry(way, &f.ty, &f.name)),
        Way::In if left_out(f) => carry(way, &f.ty, &format!("{}.unwrap_or_default()", f.name)),
        _ => carry(way, &f.ty, &f.name),
    };
    if value == f.name { value } else { format!("{}: {value}", f.name) }
}

fn docs(text: &str) -> String {
    text.lines().fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "/// {line}");
        out
    })
}

fn names(fields: &[Field]) -> String {
    fields.iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn carried(way: Way, fields: &[Field]) -> String {
    fields.iter().map(|f| carry_field(way, f)).collect::<Vec<_>>().join(", ")
}

/// `src/types.rs`.
pub fn types(model: &Model, reach: &Reach) -> String {
    let mut out = String::from(
        "//! The core's records, enums and errors as JavaScript sees them.
        #![allow(clippy::redundant_closure)]
        use std::collections::BTreeMap;
        use conek_core as core;
        use napi_derive::napi;
        use serde_json::{Value, json};
        use crate::values::{Bytes, Moment};
        ",
    );
    for record in model.records.values().filter(|r| reach.crosses(&r.name)) {
        record_mirror(&mut out, model, reach, record);
    }
    for sum in model.sums.values().filter(|s| reach.crosses(&s.name)) {
        sum_mirror(&mut out, model, reach, sum);
    }
    errors(&mut out, model);
    out
}

/// Only the ways a type goes are compiled.
fn ways(reach: &Reach, name: &str) -> &'static str {
    match (reach.given.contains(name), reach.got.contains(name)) {
        (true, false) => ", object_to_js = false",
        (false, true) => ", object_from_js = false",
        _ => "",
    }
}

fn record_mirror(out: &mut String, model: &Model, reach: &Reach, r: &Record) {
    let (name, path) = (&r.name, model.path(&r.name));
    let _ = write!(out, "{}#[napi(object{})] pub struct {name} {{", docs(&r.docs), ways(reach, name));
    for f in &r.fields {
        let _ = write!(out, "{}pub {}: {},", docs(&f.docs), f.name, field_ty(f));
    }
    out.push('}');
    // Destructured without `..`: a field added to the core fails to compile here.
    let names = names(&r.fields);
    if reach.got.contains(name) {
        let _ = write!(
            out,
            "impl From<{path}> for {name} {{ fn from(v: {path}) -> Self {{
                let {path} {{ {names} }} = v; Self {{ {} }} }} }}",
            carried(Way::Out, &r.fields)
        );
    }
    if reach.given.contains(name) {
        let _ = write!(
            out,
            "impl From<{name}> for {path} {{ fn from(v: {name}) -> Self {{
                let {name} {{ {names} }} = v; Self {{ {} }} }} }}",
            carried(Way::In, &r.fields)
        );
    }
}

fn sum_mirror(out: &mut String, model: &Model, reach: &Reach, s: &Sum) {
    let (name, path) = (&s.name, model.path(&s.name));
    let plain = s.is_plain();
    let (attribute, ways) = match plain {
        true => ("string_enum", ""),
        false => ("discriminant = \"type\", discriminant_case = \"snake_case\"", ways(reach, name)),
    };
    let _ = write!(out, "{}#[napi({attribute}{ways})] pub enum {name} {{", docs(&s.docs));
    for v in &s.variants {
        out.push_str(&docs(&v.docs));
        if plain {
            let _ = write!(out, "#[napi(value = \"{}\")]", v.code);
        }
        out.push_str(&v.name);
        if !plain {
            out.push('{');
            for f in &v.fields {
                let _ = write!(out, "{}: {},", f.name, field_ty(f));
            }
            out.push('}');
        }
        out.push(',');
    }
    out.push('}');
    let arms = |way: Way, from: &str| {
        s.variants.iter().fold(String::new(), |mut arms, v| {
            let (from_braces, to_braces) = match plain {
                true => (String::new(), String::new()),
                false => {
                    (format!("{{ {} }}", names(&v.fields)), format!("{{ {} }}", carried(way, &v.fields)))
                }
            };
            let _ = write!(arms, "{from}::{} {from_braces} => Self::{} {to_braces},", v.name, v.name);
            arms
        })
    };
    if reach.got.contains(name) {
        // What an older binding cannot name is nearest to the last variant.
        let other = match s.variants.last() {
            Some(last) if s.non_exhaustive && plain => format!("_ => Self::{},", last.name),
            _ => String::new(),
        };
        let _ = write!(
            out,
            "impl From<{path}> for {name} {{ fn from(v: {path}) -> Self {{ match v {{ {} {other} }} }} }}",
            arms(Way::Out, &path)
        );
    }
    if reach.given.contains(name) {
        let _ = write!(
            out,
            "impl From<{name}> for {path} {{ fn from(v: {name}) -> Self {{ match v {{ {} }} }} }}",
            arms(Way::In, name)
        );
    }
}

/// Both ways between the core's errors and their variant and fields.
fn errors(out: &mut String, model: &Model) {
    let mut told = String::new();
    let mut made = String::new();
    for kind in &model.errors.kinds {
        let (name, fields) = (&kind.name, names(&kind.fields));
        let json: Vec<_> =
            kind.fields.iter().map(|f| format!("\"{}\": {}", super::camel(&f.name), f.name)).collect();
        let _ = write!(
            told,
            "core::Error::{name} {{ {fields} }} => (\"{name}\", json!({{ {} }})),",
            json.join(",")
        );
        let read: Vec<_> = kind
            .fields
            .iter()
            .map(|f| format!("{}: field(fields, \"{}\")?", f.name, super::camel(&f.name)))
            .collect();
        let _ = write!(made, "\"{name}\" => core::Error::{name} {{ {} }},", read.join(","));
    }
    let _ = write!(
        out,
        "/// The error's variant and its fields.
        pub fn described(error: &core::Error) -> (&'static str, Value) {{
            match error {{ {told} _ => (\"Internal\", json!({{ \"detail\": error.to_string() }})) }}
        }}
        /// The error of a variant, if these are its fields.
        pub fn error_of(variant: &str, fields: &Value) -> Option<core::Error> {{
            Some(match variant {{ {made} _ => return None }})
        }}
        fn field<T: serde::de::DeserializeOwned>(fields: &Value, name: &str) -> Option<T> {{
            T::deserialize(fields.get(name)?).ok()
        }}"
    );
}

fn parameter(p: &Param) -> String {
    format!("{}: {}", p.name, ty(&p.ty))
}

/// `src/operations.rs`.
pub fn operations(model: &Model) -> String {
    let mut out = String::from(
        "//! Every operation of the engine under its namespace's name.
        #![allow(unused_imports, clippy::redundant_closure)]
        use std::collections::BTreeMap;
        use napi_derive::napi;
        use crate::{raised::raised, types::*, values::{Bytes, Moment}};
        /// An open engine, as the JavaScript half holds it.
        #[napi] pub struct NativeEngine { pub(crate) engine: conek_core::Engine }
        #[napi] impl NativeEngine {",
    );
    for namespace in model.all_namespaces() {
        let handle = match namespace.name.as_str() {
            "engine" => "self.engine".to_owned(),
            name => format!("self.engine.{name}()"),
        };
        for o in &namespace.operations {
            let params: Vec<_> = o.params.iter().map(parameter).collect();
            let args: Vec<_> = o.params.iter().map(|p| carry(Way::In, &p.ty, &p.name)).collect();
            let result = match carry(Way::Out, &o.result, "v") {
                same if same == "v" => String::new(),
                other => format!(".map(|v| {other})"),
            };
            let _ = write!(
                out,
                "{}#[napi] pub async fn {}(&self, {}) -> napi::Result<{}> {{
                    {handle}.{}({}).await{result}.map_err(raised) }}",
                docs(&o.docs),
                native_name(&namespace.name, o),
                params.join(", "),
                ty(&o.result),
                o.name,
                args.join(", "),
            );
        }
    }
    out.push('}');
    for o in &model.functions {
        let params: Vec<_> = o.params.iter().map(parameter).collect();
        let args: Vec<_> = o.params.iter().map(|p| carry(Way::In, &p.ty, &p.name)).collect();
        let call = format!("conek_core::questions::{}({})", o.name, args.join(", "));
        let call = if o.may_fail { call } else { format!("conek_core::Result::Ok({call})") };
        let result = match carry(Way::Out, &o.result, "v") {
            same if same == "v" => String::new(),
            other => format!(".map(|v| {other})"),
        };
        // A panic in a function that is not async would end the process.
        let _ = write!(
            out,
            "{}#[napi(catch_unwind)] pub fn question_{}({}) -> napi::Result<{}> {{ {call}{result}.map_err(raised) }}",
            docs(&o.docs),
            o.name,
            params.join(", "),
            ty(&o.result),
        );
    }
    out
}
