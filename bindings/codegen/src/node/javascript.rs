//! The JavaScript half of the Node binding: namespaces, error classes and named values.

use std::fmt::Write as _;

use super::{GENERATED, camel, class, native_name};
use crate::model::{Model, Namespace, Operation, Type};

/// Namespaces with methods of their own in JavaScript: the class they extend and where it is.
const IDIOMS: [(&str, &str, &str); 1] = [("inbound", "EventStream", "./stream.js")];

/// What is handed to the addon: values with fields lose those that are null.
fn handed(model: &Model, o: &Operation) -> String {
    let handed = o.params.iter().map(|p| {
        let name = camel(&p.name);
        let has_fields =
            p.ty.named()
                .is_some_and(|ty| model.record(ty).is_some() || model.sum(ty).is_some_and(|s| !s.is_plain()));
        if has_fields { format!("given({name})") } else { name }
    });
    handed.collect::<Vec<_>>().join(", ")
}

fn method(out: &mut String, model: &Model, namespace: &Namespace, class: &str, o: &Operation) {
    let names: Vec<_> = o.params.iter().map(|p| camel(&p.name)).collect();
    let declared = o.params.iter().zip(&names).map(|(p, name)| match (p.default, &p.ty) {
        (Some(default), _) => format!("{name} = {default}"),
        (None, Type::Named(_)) if p.optional => format!("{name} = {{}}"),
        _ => name.clone(),
    });
    let declared = declared.collect::<Vec<_>>().join(", ");
    let (name, native) = (camel(&o.name), camel(&native_name(&namespace.name, o)));
    let _ = write!(
        out,
        "  async {name}({declared}) {{
    try {{
      return await this.#native.{native}({})
    }} catch (error) {{
      throw raised(error, {class}.prototype.{name})
    }}
  }}
",
        handed(model, o)
    );
}

/// `lib/functions.js`: what needs no engine.
pub fn functions(model: &Model) -> String {
    let mut out = format!(
        "'use strict'\n{GENERATED}\nconst native = require('./native.js')\nconst {{ raised }} = require('./conek-error.js')\nconst {{ given }} = require('./given.js')\n"
    );
    for o in &model.functions {
        let names: Vec<_> = o.params.iter().map(|p| camel(&p.name)).collect();
        let declared = o.params.iter().zip(&names).map(|(p, name)| match (p.default, &p.ty) {
            (Some(default), _) => format!("{name} = {default}"),
            (None, Type::Named(_)) if p.optional => format!("{name} = {{}}"),
            _ => name.clone(),
        });
        let declared = declared.collect::<Vec<_>>().join(", ");
        let name = camel(&o.name);
        let _ = write!(
            out,
            "\nfunction {name}({declared}) {{
  try {{
    return native.{}({})
  }} catch (error) {{
    throw raised(error, {name})
  }}
}}
",
            camel(&format!("question_{}", o.name)),
            handed(model, o)
        );
    }
    let names: Vec<_> = model.functions.iter().map(|o| camel(&o.name)).collect();
    let _ = write!(out, "\nmodule.exports = {{ {} }}\n", names.join(", "));
    out
}

/// `lib/operations.js`.
pub fn operations(model: &Model) -> String {
    let mut out = format!(
        "'use strict'\n{GENERATED}\nconst {{ raised }} = require('./conek-error.js')\nconst {{ given }} = require('./given.js')\n"
    );
    for (_, base, file) in IDIOMS {
        let _ = writeln!(out, "const {{ {base} }} = require('{file}')");
    }
    for n in &model.namespaces {
        let base = IDIOMS.iter().find(|(name, ..)| *name == n.name).map(|(_, base, _)| *base);
        let (extends, above) =
            base.map_or_else(Default::default, |b| (format!(" extends {b}"), "    super()\n"));
        let _ = write!(
            out,
            "\nclass {}{extends} {{\n  #native\n  constructor(native) {{\n{above}    this.#native = native\n  }}\n",
            n.class
        );
        n.operations.iter().for_each(|o| method(&mut out, model, n, &n.class, o));
        out.push_str("}\n");
    }
    out.push_str(
        "\nclass EngineOperations {\n  #native\n  constructor(native) {\n    this.#native = native\n",
    );
    for n in &model.namespaces {
        let _ = writeln!(out, "    this.{} = new {}(native)", camel(&n.name), n.class);
    }
    out.push_str("  }\n");
    model
        .engine
        .operations
        .iter()
        .for_each(|o| method(&mut out, model, &model.engine, "EngineOperations", o));
    let classes: Vec<_> = model.namespaces.iter().map(|n| n.class.as_str()).collect();
    let _ = write!(out, "}}\n\nmodule.exports = {{ EngineOperations, {} }}\n", classes.join(", "));
    out
}

/// `lib/errors.js`.
pub fn errors(model: &Model) -> String {
    let mut out = format!(
        "'use strict'\n{GENERATED}\nconst {{ ConekError, known }} = require('./conek-error.js')\n\nmodule.exports = {{\n"
    );
    for kind in &model.errors.kinds {
        let class = class(kind);
        let _ = write!(
            out,
            "  {class}: known(class {class} extends ConekError {{\n    static variant = '{}'\n  }}),\n",
            kind.name
        );
    }
    out.push_str("}\n");
    out
}

/// `lib/names.js`.
pub fn names(model: &Model) -> String {
    let mut out = format!("'use strict'\n{GENERATED}\nmodule.exports = {{\n");
    for sum in model.sums.values().filter(|s| s.is_plain()) {
        let _ = writeln!(out, "  {}: Object.freeze({{", sum.name);
        for v in &sum.variants {
            let _ = writeln!(out, "    {}: '{}',", v.name, v.code);
        }
        out.push_str("  }),\n");
    }
    out.push_str("}\n");
    out
}

/// `index.mjs`: the same package for `import`, never a second copy of it.
pub fn module(model: &Model) -> String {
    let mut out = format!("{GENERATED}\nimport conek from './index.js'\n\nexport const {{\n");
    let fixed = ["Engine", "VirtualClock", "ConekError", "isConekError"].into_iter().map(str::to_owned);
    let errors = model.errors.kinds.iter().map(class);
    let names = model.sums.values().filter(|s| s.is_plain()).map(|s| s.name.clone());
    let functions = model.functions.iter().map(|f| camel(&f.name));
    for name in fixed.chain(errors).chain(names).chain(functions) {
        let _ = writeln!(out, "  {name},");
    }
    out.push_str("} = conek\n");
    out
}
