//! What the generator writes for bindings/python: the native classes, and the package's Python half.

mod native;
mod package;

use std::error::Error;

use crate::{
    File,
    model::{Field, Model, Operation, Type},
    source::snake,
};

/// The binding's files.
pub fn generate(model: &Model) -> Result<Vec<File>, Box<dyn Error>> {
    Ok(vec![
        File { path: "bindings/python/src/types.rs", text: native::types(model)? },
        File { path: "bindings/python/src/operations.rs", text: native::operations(model)? },
        File { path: "bindings/python/python/conek/_enums.py", text: package::enums(model) },
        File { path: "bindings/python/python/conek/_errors.py", text: package::errors(model) },
        File { path: "bindings/python/python/conek/_ports.py", text: package::ports(model) },
        File { path: "bindings/python/python/conek/_conek.pyi", text: package::stub(model) },
        File { path: "bindings/python/python/conek/__init__.py", text: package::init(model) },
    ])
}

/// `KeyError` would hide Python's own.
fn error_class(kind: &str) -> String {
    if kind == "Key" { "ConekKeyError".into() } else { format!("{kind}Error") }
}

/// `InDoubt` is `IN_DOUBT`.
fn shout(camel: &str) -> String {
    snake(camel).to_uppercase()
}

/// The operation's parameters in an order that Python allows: those that must be given first.
fn ordered(o: &Operation) -> Vec<&crate::model::Param> {
    let (may, must): (Vec<_>, Vec<_>) = o.params.iter().partition(|p| p.optional);
    // An optional one before a required one keeps its place among the optional ones.
    must.into_iter().chain(may).collect()
}

/// The fields in the constructor's order: those that must be given first.
fn constructed(fields: &[Field]) -> Vec<Field> {
    let (may, must): (Vec<_>, Vec<_>) = fields.iter().cloned().partition(Field::has_default);
    must.into_iter().chain(may).collect()
}

/// The type as Python writes it; `given` for what a caller may pass.
fn annotation(ty: &Type, given: bool) -> String {
    match ty {
        Type::Unit => "None".into(),
        Type::Bool => "bool".into(),
        Type::I32 | Type::I64 => "int".into(),
        Type::F64 => "float".into(),
        Type::Text | Type::Id(_) => "str".into(),
        Type::Bytes => "bytes".into(),
        Type::Time => "datetime".into(),
        Type::Named(n) => n.clone(),
        Type::Option(t) => format!("{} | None", annotation(t, given)),
        Type::List(t) if given => format!("Sequence[{}]", annotation(t, given)),
        Type::List(t) => format!("list[{}]", annotation(t, given)),
        Type::Map(t) => format!("dict[str, {}]", annotation(t, given)),
    }
}

/// The docs as a Python docstring with this much in front of each line.
fn docstring(docs: &str, indent: &str) -> String {
    let docs = docs.replace('\\', "\\\\").replace("\"\"\"", "'''");
    let lines: Vec<&str> = docs.lines().collect();
    match lines.as_slice() {
        [] => String::new(),
        [line] => format!("{indent}\"\"\"{line}\"\"\"\n"),
        lines => {
            let lines =
                lines.iter().map(|l| if l.is_empty() { "\n".to_owned() } else { format!("{indent}{l}\n") });
            format!("{indent}\"\"\"\n{}{indent}\"\"\"\n", lines.collect::<String>())
        }
    }
}
