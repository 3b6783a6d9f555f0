//! Reading the core's source into the model.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs,
    path::Path,
};

use syn::{
    Attribute, Fields, FnArg, GenericArgument, ImplItem, Item, Pat, PathArguments, ReturnType, TraitItem,
    Visibility,
};

use crate::model::*;

type Res<T> = Result<T, Box<dyn Error>>;

/// The traits that hosts may implement.
const PORTS: [&str; 4] = ["Storage", "Transport", "ConsentPolicy", "KeyProvider"];
/// Types that no operation names and a host needs all the same. Missing ones are left out.
const EXTRA: [&str; 3] = ["Config", "Report", "Failure"];

struct SourceFile {
    /// From the core's `src`, for example `messaging/model.rs`.
    path: String,
    ast: syn::File,
}

/// Every public type and impl that the surface may name, before anything is chosen.
#[derive(Default)]
struct Found {
    ids: BTreeMap<String, String>,
    records: BTreeMap<String, Vec<(Record, syn::ItemStruct)>>,
    sums: BTreeMap<String, Vec<(Sum, syn::ItemEnum)>>,
}

impl Found {
    fn has_default(&self, name: &str) -> bool {
        self.records.get(name).is_some_and(|r| r.iter().all(|(r, _)| r.default))
            || self.sums.get(name).is_some_and(|s| s.iter().all(|(s, _)| s.default))
    }
}

/// The file whose public functions need no engine.
const FUNCTIONS: &str = "questions.rs";

fn read_functions(files: &[SourceFile], found: &Found) -> Res<Vec<Operation>> {
    let items = files.iter().filter(|f| f.path == FUNCTIONS).flat_map(|f| &f.ast.items);
    let functions = items.filter_map(|i| match i {
        Item::Fn(f) if is_public(&f.vis) => Some(f),
        _ => None,
    });
    functions
        .map(|f| operation(&f.sig, &f.attrs, found).map_err(|e| format!("{FUNCTIONS}: {e}").into()))
        .collect()
}

impl Model {
    /// Reads the surface from the core's `src` folder.
    pub fn read(src: &Path) -> Res<Self> {
        let mut files = Vec::new();
        walk(src, src, &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let public: BTreeSet<String> = files.iter().flat_map(public_modules).collect();
        let found = find_types(&files, &public)?;
        let (open_docs, engine, getters) = read_engine(&files, &public, &found)?;
        let namespaces = getters
            .into_iter()
            .map(|(name, class)| read_namespace(&files, &public, &found, name, class))
            .collect::<Res<Vec<_>>>()?;
        let ports = read_ports(&files, &found)?;
        let errors = read_errors(&files, &found)?;
        let functions = read_functions(&files, &found)?;
        let mut model = Model {
            ids: found.ids.clone(),
            records: BTreeMap::new(),
            sums: BTreeMap::new(),
            errors,
            open_docs,
            engine,
            namespaces,
            functions,
            ports,
        };
        reach(&mut model, &found)?;
        let namespaces = std::iter::once(&mut model.engine).chain(&mut model.namespaces);
        let operations = namespaces.flat_map(|n| &mut n.operations).chain(&mut model.functions);
        {
            for operation in operations {
                for (i, param) in operation.params.iter_mut().enumerate() {
                    let default = matches!(&param.ty, Type::Named(n) if model.records.get(n).is_some_and(|r| r.default));
                    param.default = match (param.name.as_str(), &param.ty) {
                        ("limit", Type::I32) => Some(100),
                        ("timeout_ms", Type::I32) => Some(30_000),
                        _ => None,
                    };
                    param.optional = param.optional || (i > 0 && default) || param.default.is_some();
                }
            }
        }
        Ok(model)
    }
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) -> Res<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(root, &path, files)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            let ast = syn::parse_file(&fs::read_to_string(&path)?)
                .map_err(|e| format!("{}: {e}", path.display()))?;
            let path = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            files.push(SourceFile { path, ast });
        }
    }
    Ok(())
}

/// `messaging/mod.rs` is `messaging`, `messaging/model.rs` is `messaging::model`, `lib.rs` is empty.
fn module_of(path: &str) -> String {
    let path = path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" { String::new() } else { path.replace('/', "::") }
}

fn join(a: &str, b: &str) -> String {
    if a.is_empty() { b.to_owned() } else { format!("{a}::{b}") }
}

/// The modules that a file declares public, by their full path.
fn public_modules(file: &SourceFile) -> Vec<String> {
    let here = module_of(&file.path);
    let declared = file.ast.items.iter().filter_map(|i| match i {
        Item::Mod(m) if is_public(&m.vis) => Some(join(&here, &m.ident.to_string())),
        _ => None,
    });
    declared.collect()
}

/// The path by which a file's items can be named from outside: a private module's items are
/// re-exported by the module above it.
fn outside(path: &str, public: &BTreeSet<String>) -> String {
    let mut module = module_of(path);
    while !module.is_empty() && !public.contains(&module) {
        module = module.rsplit_once("::").map(|(above, _)| above.to_owned()).unwrap_or_default();
    }
    join("conek_core", &module).trim_end_matches("::").to_owned()
}

fn is_public(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

fn derives(attrs: &[Attribute], what: &str) -> bool {
    let mut found = false;
    for attr in attrs.iter().filter(|a| a.path().is_ident("derive")) {
        // A derive that does not parse is the compiler's to report.
        let _ = attr.parse_nested_meta(|m| {
            found |= m.path.segments.last().is_some_and(|s| s.ident == what);
            Ok(())
        });
    }
    found
}

fn docs(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter(|a| a.path().is_ident("doc")).filter_map(|a| match &a.meta {
        syn::Meta::NameValue(syn::MetaNameValue {
            value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }),
            ..
        }) => Some(text.value()),
        _ => None,
    });
    let lines: Vec<String> = lines.map(|l| l.strip_prefix(' ').unwrap_or(&l).trim_end().to_owned()).collect();
    // Examples are Rust; what they show is shown by each language's own. What stands behind them, the errors,
    // is said in every language.
    let mut shown: Vec<&str> = Vec::new();
    let mut inside = false;
    for line in &lines {
        let fence = line.starts_with("```");
        let second_blank = line.is_empty() && shown.last().is_none_or(|l| l.is_empty());
        if !(inside || fence || second_blank) {
            shown.push(line);
        }
        inside ^= fence;
    }
    let text = shown.join("\n").replace("# Errors", "Errors:");
    text.trim().replace("[`", "`").replace("`]", "`").replace("::", ".")
}

/// Whether an example shows how to use it.
fn has_example(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|a| {
        matches!(&a.meta, syn::Meta::NameValue(syn::MetaNameValue {
            value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }),
            ..
        }) if text.value().trim_start().starts_with("```"))
    })
}

fn find_types(files: &[SourceFile], public: &BTreeSet<String>) -> Res<Found> {
    let mut found = Found::default();
    for item in files.iter().flat_map(|f| &f.ast.items) {
        if let Item::Macro(m) = item
            && m.mac.path.is_ident("id")
        {
            m.mac.parse_body_with(|input: syn::parse::ParseStream<'_>| {
                while !input.is_empty() {
                    let attrs = input.call(Attribute::parse_outer)?;
                    let name: syn::Ident = input.parse()?;
                    found.ids.insert(name.to_string(), docs(&attrs));
                    input.parse::<Option<syn::Token![,]>>()?;
                }
                Ok(())
            })?;
        }
    }
    for file in files {
        let module = outside(&file.path, public);
        for item in &file.ast.items {
            match item {
                Item::Struct(s) if is_public(&s.vis) && derives(&s.attrs, "Serialize") => {
                    let record = Record {
                        name: s.ident.to_string(),
                        docs: docs(&s.attrs),
                        module: module.clone(),
                        fields: Vec::new(),
                        default: derives(&s.attrs, "Default"),
                    };
                    found.records.entry(record.name.clone()).or_default().push((record, s.clone()));
                }
                Item::Enum(e) if is_public(&e.vis) && derives(&e.attrs, "Serialize") => {
                    let sum = Sum {
                        name: e.ident.to_string(),
                        docs: docs(&e.attrs),
                        module: module.clone(),
                        variants: Vec::new(),
                        default: derives(&e.attrs, "Default"),
                        non_exhaustive: e.attrs.iter().any(|a| a.path().is_ident("non_exhaustive")),
                    };
                    found.sums.entry(sum.name.clone()).or_default().push((sum, e.clone()));
                }
                _ => {}
            }
        }
    }
    Ok(found)
}

/// Fills the model with every type that its operations, ports and errors reach.
fn reach(model: &mut Model, found: &Found) -> Res<()> {
    let operations = model
        .all_namespaces()
        .flat_map(|n| &n.operations)
        .chain(&model.functions)
        .chain(model.ports.iter().flat_map(|p| &p.methods));
    let mut waiting: BTreeSet<String> = operations
        .flat_map(|o| o.params.iter().map(|p| &p.ty).chain([&o.result]))
        .chain(model.errors.kinds.iter().flat_map(|k| k.fields.iter().map(|f| &f.ty)))
        .filter_map(|t| t.named().map(str::to_owned))
        .collect();
    waiting.insert("Retry".into());
    waiting.extend(EXTRA.iter().filter(|n| found.records.contains_key(**n)).map(|n| (*n).to_owned()));
    while let Some(name) = waiting.pop_first() {
        if model.records.contains_key(&name) || model.sums.contains_key(&name) {
            continue;
        }
        let (records, sums) = (found.records.get(&name), found.sums.get(&name));
        let count = records.map_or(0, Vec::len) + sums.map_or(0, Vec::len);
        if count != 1 {
            return Err(format!(
                "the surface names {name}, and the core has {count} public Serialize types of that name"
            )
            .into());
        }
        if let Some((record, item)) = records.and_then(|r| r.first()) {
            let mut fields = fields(&item.fields, found).map_err(|e| format!("{name}: {e}"))?;
            for field in &mut fields {
                // A record that must be made with care may have fields that go without saying: it says so
                // with `#[serde(default)]`.
                let plain = record.default || field.made;
                field.made = plain && matches!(&field.ty, Type::Named(n) if found.has_default(n));
            }
            waiting.extend(fields.iter().filter_map(|f| f.ty.named().map(str::to_owned)));
            model.records.insert(name, Record { fields, ..record.clone() });
        } else if let Some((sum, item)) = sums.and_then(|s| s.first()) {
            let variants = item.variants.iter().map(|v| {
                let code = snake(&v.ident.to_string());
                let bare = matches!(v.fields, Fields::Unit);
                let mut fields = fields(&v.fields, found).map_err(|e| format!("{name}::{}: {e}", v.ident))?;
                fields.iter_mut().for_each(|f| f.made = false);
                Ok(Variant { name: v.ident.to_string(), code, docs: docs(&v.attrs), fields, bare })
            });
            let variants = variants.collect::<Res<Vec<_>>>()?;
            waiting.extend(
                variants.iter().flat_map(|v| &v.fields).filter_map(|f| f.ty.named().map(str::to_owned)),
            );
            model.sums.insert(name, Sum { variants, ..sum.clone() });
        }
    }
    Ok(())
}

/// Whether `#[serde(default)]` stands on a field.
fn is_serde_default(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().filter(|a| a.path().is_ident("serde")).any(|a| {
        let mut found = false;
        let _: Result<(), _> = a.parse_nested_meta(|meta| {
            found |= meta.path.is_ident("default");
            // A value (`skip_serializing_if = "..."`) is read over.
            if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            }
            Ok(())
        });
        found
    })
}

fn fields(fields: &Fields, found: &Found) -> Res<Vec<Field>> {
    let fields = fields.iter().map(|f| {
        let name = f.ident.as_ref().ok_or("only named fields can cross into every language")?.to_string();
        if matches!(name.as_str(), "from" | "in" | "is" | "class" | "import" | "lambda") {
            return Err(format!("`{name}` is a keyword in some language").into());
        }
        let ty = type_of(&f.ty, found).map_err(|e| format!("{name}: {e}"))?;
        Ok(Field { name, docs: docs(&f.attrs), ty, made: is_serde_default(&f.attrs) })
    });
    fields.collect()
}

fn split(ty: &syn::Type) -> Res<(String, Vec<&syn::Type>)> {
    match ty {
        syn::Type::Tuple(t) if t.elems.is_empty() => Ok(("()".into(), Vec::new())),
        syn::Type::Path(p) => {
            let last = p.path.segments.last().ok_or("an empty path")?;
            let args = match &last.arguments {
                PathArguments::AngleBracketed(a) => a.args.iter().filter_map(|a| match a {
                    GenericArgument::Type(t) => Some(t),
                    _ => None,
                }),
                _ => return Ok((last.ident.to_string(), Vec::new())),
            };
            Ok((last.ident.to_string(), args.collect()))
        }
        _ => Err("only owned, plain types can cross into every language".into()),
    }
}

fn type_of(ty: &syn::Type, found: &Found) -> Res<Type> {
    let (head, args) = split(ty)?;
    let inner = |i: usize| -> Res<Box<Type>> {
        let arg = args.get(i).ok_or_else(|| format!("{head} without its type"))?;
        Ok(Box::new(type_of(arg, found)?))
    };
    Ok(match head.as_str() {
        "()" => Type::Unit,
        "bool" => Type::Bool,
        "i32" => Type::I32,
        "i64" => Type::I64,
        "f64" => Type::F64,
        "String" => Type::Text,
        "Timestamp" | "DateTime" => Type::Time,
        "Vec" if args.first().is_some_and(|t| split(t).is_ok_and(|(h, _)| h == "u8")) => Type::Bytes,
        "Vec" => Type::List(inner(0)?),
        "Option" => Type::Option(inner(0)?),
        "BTreeMap" => Type::Map(inner(1)?),
        name if found.ids.contains_key(name) => Type::Id(head),
        name if found.records.contains_key(name) || found.sums.contains_key(name) => Type::Named(head),
        _ => return Err(format!("{head} cannot cross into every language").into()),
    })
}

fn operation(sig: &syn::Signature, attrs: &[Attribute], found: &Found) -> Res<Operation> {
    let at = |e: Box<dyn Error>| format!("{}: {e}", sig.ident);
    let mut params = Vec::new();
    for arg in &sig.inputs {
        let FnArg::Typed(arg) = arg else { continue };
        let Pat::Ident(name) = &*arg.pat else {
            return Err(format!("{}: a parameter without a name", sig.ident).into());
        };
        let permit = split(&arg.ty).is_ok_and(|(head, _)| head == "SendPermit");
        let (name, ty) = if permit {
            ("permit_id".to_owned(), Type::Text)
        } else {
            (name.ident.to_string(), type_of(&arg.ty, found).map_err(at)?)
        };
        params.push(Param { name, optional: matches!(ty, Type::Option(_)), ty, default: None });
    }
    let mut result = Type::Unit;
    if let ReturnType::Type(_, ty) = &sig.output {
        let (head, args) = split(ty)?;
        let ty =
            if head == "Result" { args.first().copied().ok_or("Result without its type")? } else { &**ty };
        result = type_of(ty, found).map_err(at)?;
    }
    Ok(Operation {
        may_fail: matches!(&sig.output, ReturnType::Type(_, ty) if split(ty).is_ok_and(|(head, _)| head == "Result")),
        name: sig.ident.to_string(),
        docs: docs(attrs),
        params,
        result,
        is_async: sig.asyncness.is_some(),
        provided: false,
    })
}

/// The public methods of a type's inherent impls, wherever they stand.
fn methods<'a>(files: &'a [SourceFile], class: &str) -> Vec<&'a syn::ImplItemFn> {
    let impls = files.iter().flat_map(|f| &f.ast.items).filter_map(|i| match i {
        Item::Impl(i) if i.trait_.is_none() && split(&i.self_ty).is_ok_and(|(h, _)| h == class) => Some(i),
        _ => None,
    });
    let methods = impls.flat_map(|i| &i.items).filter_map(|i| match i {
        ImplItem::Fn(f) if is_public(&f.vis) => Some(f),
        _ => None,
    });
    methods.collect()
}

fn read_namespace(
    files: &[SourceFile],
    public: &BTreeSet<String>,
    found: &Found,
    name: String,
    class: String,
) -> Res<Namespace> {
    let home = files.iter().find_map(|f| {
        f.ast.items.iter().find_map(|i| match i {
            Item::Struct(s) if s.ident == class && is_public(&s.vis) => {
                Some((outside(&f.path, public), docs(&s.attrs)))
            }
            _ => None,
        })
    });
    let (module, docs) = home.ok_or_else(|| format!("the core has no public struct {class}"))?;
    let operations =
        methods(files, &class).into_iter().filter(|f| f.sig.asyncness.is_some() && f.sig.ident != "open");
    let operations = operations
        .map(|f| {
            if !has_example(&f.attrs) {
                return Err(format!("{class}::{}: its documentation has no example", f.sig.ident).into());
            }
            operation(&f.sig, &f.attrs, found).map_err(|e| format!("{class}::{e}").into())
        })
        .collect::<Res<Vec<_>>>()?;
    Ok(Namespace { name, class, module, docs, operations })
}

/// What `open` says, the engine's own operations, and its getters with their types.
type EngineParts = (String, Namespace, Vec<(String, String)>);

fn read_engine(files: &[SourceFile], public: &BTreeSet<String>, found: &Found) -> Res<EngineParts> {
    let engine = read_namespace(files, public, found, "engine".into(), "Engine".into())?;
    let all = methods(files, "Engine");
    let open = all.iter().find(|f| f.sig.ident == "open").ok_or("Engine::open is missing")?;
    let mut getters = Vec::new();
    for f in &all {
        let plain = f.sig.asyncness.is_none() && f.sig.inputs.len() == 1 && f.sig.receiver().is_some();
        let ReturnType::Type(_, ty) = &f.sig.output else { continue };
        let (class, _) = split(ty).unwrap_or_default();
        if plain && methods(files, &class).iter().any(|m| m.sig.asyncness.is_some()) {
            getters.push((f.sig.ident.to_string(), class));
        }
    }
    Ok((docs(&open.attrs), engine, getters))
}

fn read_ports(files: &[SourceFile], found: &Found) -> Res<Vec<Port>> {
    let mut ports = Vec::new();
    for name in PORTS {
        let home = files.iter().find_map(|f| {
            f.ast.items.iter().find_map(|i| match i {
                Item::Trait(t) if t.ident == name && is_public(&t.vis) => Some(t),
                _ => None,
            })
        });
        let item = home.ok_or_else(|| format!("the core has no public trait {name}"))?;
        let methods = item.items.iter().filter_map(|i| match i {
            TraitItem::Fn(f) => {
                let method = operation(&f.sig, &f.attrs, found).map_err(|e| format!("{name}::{e}").into());
                Some(method.map(|m| Operation { provided: f.default.is_some(), ..m }))
            }
            _ => None,
        });
        let methods = methods.collect::<Res<Vec<Operation>>>()?;
        ports.push(Port { name: name.to_owned(), docs: docs(&item.attrs), methods });
    }
    Ok(ports)
}

fn read_errors(files: &[SourceFile], found: &Found) -> Res<Errors> {
    let items = || files.iter().flat_map(|f| &f.ast.items);
    let item = items().find_map(|i| match i {
        Item::Enum(e) if e.ident == "Error" && derives(&e.attrs, "Error") => Some(e),
        _ => None,
    });
    let item = item.ok_or("the core has no enum Error")?;
    let kinds = item.variants.iter().map(|v| {
        let fields = fields(&v.fields, found).map_err(|e| format!("Error::{}: {e}", v.ident))?;
        if let Some(f) = fields
            .iter()
            .find(|f| matches!(f.name.as_str(), "message" | "cause" | "name" | "stack" | "args" | "code"))
        {
            return Err(format!("Error::{}.{}: the name is taken in some language", v.ident, f.name).into());
        }
        Ok(ErrorKind { name: v.ident.to_string(), docs: docs(&v.attrs), fields })
    });
    let kinds = kinds.collect::<Res<Vec<_>>>()?;
    let code = methods(files, "Error")
        .into_iter()
        .find(|f| f.sig.ident == "code")
        .ok_or("Error::code is missing")?;
    let mut codes = Codes::default();
    syn::visit::Visit::visit_block(&mut codes, &code.block);
    Ok(Errors { docs: docs(&item.attrs), kinds, codes: codes.0 })
}

/// Every text literal of a function's body.
#[derive(Default)]
struct Codes(Vec<String>);
impl<'a> syn::visit::Visit<'a> for Codes {
    fn visit_lit_str(&mut self, lit: &'a syn::LitStr) {
        self.0.push(lit.value());
    }
}

/// `InDoubt` is `in_doubt`.
pub fn snake(camel: &str) -> String {
    let mut out = String::new();
    for (i, c) in camel.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
