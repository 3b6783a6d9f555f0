//! The core's surface as plain data: what every language's generator works from.

use std::collections::BTreeMap;

/// A type of the surface.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// Nothing.
    Unit,
    Bool,
    /// A 32-bit signed integer.
    I32,
    /// A 64-bit signed integer; safe in a double up to 2^53.
    I64,
    /// A double.
    F64,
    /// `String`.
    Text,
    /// `Vec<u8>`.
    Bytes,
    /// A moment in UTC, whole milliseconds.
    Time,
    /// An id newtype by its name (see [`Model::ids`]): a newtype over `String` in the core
    /// (`From<String>` both ways), plain text outside.
    Id(String),
    /// A record or an enum by its name (see [`Model::record`], [`Model::sum`]).
    Named(String),
    Option(Box<Type>),
    List(Box<Type>),
    /// `BTreeMap<String, _>`.
    Map(Box<Type>),
}

impl Type {
    /// Whether a constructor may leave it out: optional, list, map or bool.
    pub fn has_default(&self) -> bool {
        matches!(self, Type::Option(_) | Type::List(_) | Type::Map(_) | Type::Bool)
    }
    /// Its name in `surface.json`, for example `list<Message>`.
    pub fn name(&self) -> String {
        match self {
            Type::Unit => "nothing".into(),
            Type::Bool => "bool".into(),
            Type::I32 => "i32".into(),
            Type::I64 => "i64".into(),
            Type::F64 => "f64".into(),
            Type::Text | Type::Id(_) => "text".into(),
            Type::Bytes => "bytes".into(),
            Type::Time => "time".into(),
            Type::Named(n) => n.clone(),
            Type::Option(t) => format!("option<{}>", t.name()),
            Type::List(t) => format!("list<{}>", t.name()),
            Type::Map(t) => format!("map<{}>", t.name()),
        }
    }
    /// The named type inside, if there is one.
    pub fn named(&self) -> Option<&str> {
        match self {
            Type::Named(n) => Some(n),
            Type::Option(t) | Type::List(t) | Type::Map(t) => t.named(),
            _ => None,
        }
    }
}

/// A named value: a record's field, a variant's field, an error's field.
#[derive(Debug, Clone)]
pub struct Field {
    /// `snake_case`.
    pub name: String,
    /// Plain text, several lines possible, no Rust links.
    pub docs: String,
    pub ty: Type,
    /// Whether it is a record or enum that the core can make itself, in a record that it can make
    /// itself: left out, it is the core's own default.
    pub made: bool,
}

impl Field {
    /// Whether a constructor may leave it out.
    pub fn has_default(&self) -> bool {
        self.made || self.ty.has_default()
    }
}

/// A struct with named public fields.
#[derive(Debug, Clone)]
pub struct Record {
    pub name: String,
    pub docs: String,
    /// Its module in the core, for example `conek_core::messaging`.
    pub module: String,
    pub fields: Vec<Field>,
    /// Whether the core derives `Default` for it.
    pub default: bool,
}

/// An enum; [`Sum::is_plain`] when no variant has fields.
#[derive(Debug, Clone)]
pub struct Sum {
    pub name: String,
    pub docs: String,
    /// Its module in the core.
    pub module: String,
    pub variants: Vec<Variant>,
    /// Whether the core derives `Default` for it.
    pub default: bool,
    /// Whether a `match` outside the core needs a `_` arm.
    pub non_exhaustive: bool,
}

impl Sum {
    /// Whether it is an enumeration of bare names.
    pub fn is_plain(&self) -> bool {
        self.variants.iter().all(|v| v.fields.is_empty() && v.bare)
    }
}

/// One case of an enum.
#[derive(Debug, Clone)]
pub struct Variant {
    /// `CamelCase`.
    pub name: String,
    /// `snake_case`: its code in every language and in JSON.
    pub code: String,
    pub docs: String,
    /// Named fields; a struct variant may have none (`Closed {}`).
    pub fields: Vec<Field>,
    /// Whether it is written without braces.
    pub bare: bool,
}

/// One kind of error.
#[derive(Debug, Clone)]
pub struct ErrorKind {
    /// The variant's name in `conek_core::Error`, for example `InvalidInput`.
    pub name: String,
    pub docs: String,
    pub fields: Vec<Field>,
}

/// `conek_core::Error`, which is `non_exhaustive`.
#[derive(Debug, Clone)]
pub struct Errors {
    pub docs: String,
    pub kinds: Vec<ErrorKind>,
    /// Every stable code that `Error::code()` can give.
    pub codes: Vec<String>,
}

/// A parameter of an operation.
#[derive(Debug, Clone)]
pub struct Param {
    pub name: String,
    pub ty: Type,
    /// Whether a caller may leave it out: an `Option`; behind the first parameter, a record of
    /// which the core derives `Default`; or a number with a `default`.
    pub optional: bool,
    /// What a left-out number means: `limit` is 100, `timeout_ms` is 30,000. Not for ports.
    pub default: Option<i32>,
}

/// A method.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `snake_case`.
    pub name: String,
    pub docs: String,
    pub params: Vec<Param>,
    /// What it answers, without the `Result`.
    pub result: Type,
    /// Whether the core answers a `Result`.
    pub may_fail: bool,
    /// Whether the core's method is async. Operations always are.
    pub is_async: bool,
    /// Whether a port has an answer of its own, so that a host may leave the method out.
    pub provided: bool,
}

/// A handle with operations: the engine itself, or what one of its getters gives.
#[derive(Debug, Clone)]
pub struct Namespace {
    /// The getter on the engine, for example `media`; `engine` for the engine.
    pub name: String,
    /// The handle's type, for example `MediaLibrary`.
    pub class: String,
    /// Its module in the core.
    pub module: String,
    pub docs: String,
    pub operations: Vec<Operation>,
}

/// A trait that a host may implement: `Storage`, `Transport`, `ConsentPolicy`, `KeyProvider`.
///
/// A parameter `permit: SendPermit` appears as `permit_id: Text`: the adaptor consumes the permit.
#[derive(Debug, Clone)]
pub struct Port {
    pub name: String,
    pub docs: String,
    pub methods: Vec<Operation>,
}

/// The whole surface. Everything is in an order that does not depend on the file system.
#[derive(Debug)]
pub struct Model {
    pub ids: BTreeMap<String, String>,
    /// Records by name: those that an operation, a port or a configuration reaches.
    pub records: BTreeMap<String, Record>,
    /// Enums by name, likewise.
    pub sums: BTreeMap<String, Sum>,
    pub errors: Errors,
    /// What `Engine::open` says of itself.
    pub open_docs: String,
    /// The engine's own operations, without `open`.
    pub engine: Namespace,
    /// The engine's namespaces, in the engine's order.
    pub namespaces: Vec<Namespace>,
    /// Functions that need no engine, from the core's `questions`.
    pub functions: Vec<Operation>,
    pub ports: Vec<Port>,
}

impl Model {
    /// The record of that name.
    pub fn record(&self, name: &str) -> Option<&Record> {
        self.records.get(name)
    }
    /// The enum of that name.
    pub fn sum(&self, name: &str) -> Option<&Sum> {
        self.sums.get(name)
    }
    /// Whether the type is an enum of bare names.
    pub fn is_plain_enum(&self, ty: &Type) -> bool {
        matches!(ty, Type::Named(n) if self.sum(n).is_some_and(Sum::is_plain))
    }
    /// The type's path in Rust, for example `conek_core::messaging::Draft`.
    pub fn path(&self, name: &str) -> String {
        let module =
            self.records.get(name).map(|r| &r.module).or_else(|| self.sums.get(name).map(|s| &s.module));
        format!("{}::{name}", module.map_or("conek_core", |m| m))
    }
    /// The engine and its namespaces.
    pub fn all_namespaces(&self) -> impl Iterator<Item = &Namespace> {
        std::iter::once(&self.engine).chain(&self.namespaces)
    }
}
