//! `bindings/surface.json`: the surface that every language must offer, for the parity tests.

use std::error::Error;

use serde_json::{Value, json};

use crate::{
    File,
    model::{Field, Model, Operation},
};

/// Operations that bindings write by hand on top of a generated one, in each language's idiom.
fn idioms() -> [Value; 3] {
    [
        json!({ "namespace": "engine", "name": "open", "params": ["config", "storage", "transport", "policies", "keys", "clock"] }),
        json!({ "namespace": "engine", "name": "session", "params": ["actor"] }),
        json!({ "namespace": "inbound", "name": "stream", "params": ["after"] }),
    ]
}

fn fields(fields: &[Field]) -> Value {
    let fields =
        fields.iter().map(|f| json!({ "name": f.name, "type": f.ty.name(), "optional": f.has_default() }));
    fields.collect()
}

fn operation(owner: &str, o: &Operation) -> Value {
    let params =
        o.params.iter().map(|p| json!({ "name": p.name, "type": p.ty.name(), "optional": p.optional }));
    let mut found = json!({ "namespace": owner, "name": o.name, "params": params.collect::<Value>(), "result": o.result.name() });
    if o.provided {
        found["provided"] = true.into();
    }
    found
}

/// The file.
pub fn generate(model: &Model) -> Result<Vec<File>, Box<dyn Error>> {
    let operations = model.all_namespaces().flat_map(|n| n.operations.iter().map(|o| operation(&n.name, o)));
    let functions = model.functions.iter().map(|o| operation("", o));
    let ports = model.ports.iter().flat_map(|p| p.methods.iter().map(|o| operation(&p.name, o)));
    let records = model.records.values().map(|r| json!({ "name": r.name, "fields": fields(&r.fields) }));
    let enums = model.sums.values().map(|s| {
        let variants = s.variants.iter().map(|v| json!({ "code": v.code, "fields": fields(&v.fields) }));
        json!({ "name": s.name, "plain": s.is_plain(), "variants": variants.collect::<Value>() })
    });
    let errors = model.errors.kinds.iter().map(|k| json!({ "name": k.name, "fields": fields(&k.fields) }));
    let surface = json!({
        "operations": operations.collect::<Value>(),
        "functions": functions.collect::<Value>(),
        "idioms": idioms(),
        "ports": ports.collect::<Value>(),
        "records": records.collect::<Value>(),
        "enums": enums.collect::<Value>(),
        "errors": errors.collect::<Value>(),
        "error_codes": model.errors.codes,
    });
    let text = serde_json::to_string_pretty(&surface)? + "\n";
    Ok(vec![File { path: "bindings/surface.json", text }])
}
