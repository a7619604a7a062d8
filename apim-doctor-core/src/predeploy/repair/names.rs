//! How the expressions of a template name what does not exist yet.

use crate::base::Map;
use crate::model::Deployed;
use crate::predeploy::repair::files::Language;
use crate::predeploy::repair::place::text_of;
use crate::source::arm::edit as arm;
use crate::source::bicep::edit as bicep;
use crate::source::deployed::Symbols;
use crate::template::deployment::Evaluated;
use crate::template::place::{FileId, Files};
use crate::template::resource::{Resource, Turn};
use crate::template::text::key;
use crate::template::value::{Context, Kind, Symbol};

/// The type of user-assigned identities, in lower case.
const IDENTITIES: &str = "microsoft.managedidentity/userassignedidentities";

/// The type of vaults, in lower case.
const VAULTS: &str = "microsoft.keyvault/vaults";

/// The version of user-assigned identities that an expression asks for.
const IDENTITIES_VERSION: &str = "2023-01-31";

/// An expression of a template, without the brackets of ARM.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// The expression.
    pub expression: String,
    /// An expression that tells it from others and that is known before anything is deployed.
    pub seed: String,
    /// The id of the resource that it is a part of, as an expression; empty if it is of none.
    pub of: String,
    /// The symbolic name of that resource; empty if it has none.
    pub symbol: String,
}

/// A resource that a template declares or names.
#[derive(Clone, Debug)]
pub(super) struct Declaration {
    /// Its symbolic name, in Bicep.
    pub symbol: String,
    /// Its id, as an expression.
    pub id: String,
    /// Its name, as an expression.
    pub name: String,
    /// Its number among the evaluated resources.
    pub number: usize,
}

/// What the expressions of one template can name.
#[derive(Clone)]
pub(super) struct Names {
    pub language: Language,
    /// The file, and the number of its deployment; `None` for a file of values.
    pub template: Option<(FileId, u32)>,
    /// Expressions by the texts that they give, in lower case.
    known: Map<String, Named>,
    /// Resources by their ids, in lower case.
    declared: Map<String, Declaration>,
    /// The addresses of vaults, which are known and better named than written out.
    uris: Vec<String>,
}

impl Names {
    /// No names: a file of values has none.
    pub(super) fn none(language: Language) -> Self {
        Self { language, template: None, known: Map::default(), declared: Map::default(), uris: Vec::new() }
    }

    /// The names in one deployment of a template.
    pub(super) fn of(
        (evaluated, files): (&Evaluated, &Files),
        (file, language): (FileId, Language),
        (deployment, vaults): (u32, &str),
        symbols: &mut Symbols,
    ) -> Self {
        let mut names = Self { template: Some((file, deployment)), ..Self::none(language) };
        let tenant = symbols.text(&Symbol::Context(Context::Tenant));
        names.add(tenant, Named::alone("tenant().tenantId"));
        let subscription = symbols.text(&Symbol::Context(Context::Subscription));
        names.add(subscription, Named::alone("subscription().subscriptionId"));
        let group = symbols.text(&Symbol::Context(Context::ResourceGroup));
        names.add(group, Named::alone("resourceGroup().name"));
        let text = files.get(file).map(|file| file.text.clone()).unwrap_or_else(|| "".into());
        let written = if language == Language::Json { arm::declarations(&text) } else { Vec::new() };
        for (number, resource) in evaluated.resources.iter().enumerate() {
            // What is there under a condition cannot be relied on.
            let is_unsure = resource.condition_value.is_some();
            if resource.deployment != deployment || resource.span.file != file || is_unsure {
                continue;
            }
            if resource.resource_type.eq_ignore_ascii_case("Microsoft.Resources/deployments") {
                names.add_outputs(evaluated, number, resource, symbols);
                continue;
            }
            let declaration = match language {
                Language::Json => in_json(resource, number, &written),
                _ => in_bicep(resource, number),
            };
            if let Some(declaration) = declaration {
                let here = evaluated.deployments.get(deployment as usize).map(|own| key(&own.scope));
                let is_here = resource.parent.is_some() || here == Some(key(&resource.scope));
                names.add_resource(resource, (declaration, is_here), vaults, symbols);
            }
        }
        let own = evaluated.deployments.get(deployment as usize);
        for (name, value) in own.into_iter().flat_map(|deployment| &deployment.parameters) {
            let expression = match language {
                Language::Json => format!("parameters('{}')", name.replace('\'', "''")),
                _ => name.to_string(),
            };
            if let Some(text) = text_of(value, symbols) {
                names.add(text, Named::alone(&expression));
            }
        }
        names
    }

    /// Adds an expression that gives a text.
    pub(super) fn add(&mut self, text: String, named: Named) {
        self.known.entry(text.to_ascii_lowercase()).or_insert(named);
    }

    fn add_resource(
        &mut self,
        resource: &Resource,
        (declaration, is_here): (Declaration, bool),
        vaults: &str,
        symbols: &mut Symbols,
    ) {
        let Some(id) = text_of(&resource.id, symbols) else { return };
        let (symbol, own) = (&declaration.symbol, &declaration.id);
        let part =
            |expression: String| Named { expression, seed: own.clone(), of: own.clone(), symbol: symbol.clone() };
        let is_identity = resource.resource_type.eq_ignore_ascii_case(IDENTITIES);
        let of = |what: &str| match (self.language, is_identity) {
            (Language::Json, true) => format!("reference({own}, '{IDENTITIES_VERSION}').{what}"),
            (Language::Json, false) => {
                let version = resource.api_version.as_str().unwrap_or_default();
                format!("reference({own}, '{version}', 'full').identity.{what}")
            }
            (_, true) => format!("{symbol}.properties.{what}"),
            (_, false) => format!("{symbol}.identity.{what}"),
        };
        let canonical = key(&resource.id);
        let principal = symbols.text(&Symbol::Principal(canonical.clone()));
        let client = symbols.text(&Symbol::Client(canonical));
        let texts = [(principal, of("principalId")), (client, of("clientId"))];
        self.add(id.clone(), part(own.clone()));
        for (text, expression) in texts {
            self.add(text, part(expression));
        }
        if let (Language::Bicep, Some(name)) = (self.language, text_of(&resource.name, symbols)) {
            self.add(name, part(format!("{symbol}.name")));
        }
        if let (true, Some(name)) =
            (resource.resource_type.eq_ignore_ascii_case(VAULTS), text_of(&resource.name, symbols))
        {
            let version = resource.api_version.as_str().unwrap_or_default();
            let expression = match self.language {
                Language::Json => format!("reference({own}, '{version}').vaultUri"),
                _ => format!("{symbol}.properties.vaultUri"),
            };
            let uri = format!("https://{name}.{vaults}/").to_ascii_lowercase();
            self.add(uri.clone(), part(expression));
            self.uris.push(uri);
        }
        // A template extends only what is in its own scope.
        if is_here {
            self.declared.entry(id.to_ascii_lowercase()).or_insert(declaration);
        }
    }

    /// What a module gives out.
    fn add_outputs(&mut self, evaluated: &Evaluated, number: usize, module: &Resource, symbols: &mut Symbols) {
        let Some(symbol) = bicep_symbol(module).filter(|_| self.language == Language::Bicep) else { return };
        let number = u32::try_from(number).ok();
        let inner = evaluated
            .deployments
            .iter()
            .find(|deployment| deployment.resource.is_some() && deployment.resource == number);
        for (name, value) in inner.into_iter().flat_map(|deployment| &deployment.outputs) {
            if let (Some(text), true) = (text_of(value, symbols), matches!(value.kind, Kind::Symbol(_))) {
                let seed = format!("'{}'", symbol.replace('\'', ""));
                let expression = format!("{symbol}.outputs.{name}");
                self.add(text, Named { expression, seed, of: String::new(), symbol: String::new() });
            }
        }
    }

    /// The expression that gives a text.
    pub(super) fn find(&self, text: &str) -> Option<&Named> {
        self.known.get(&text.to_ascii_lowercase())
    }

    /// The same names without those that ask a resource for its properties.
    pub(super) fn without_references(mut self) -> Self {
        self.known.retain(|_, named| !named.expression.contains("reference("));
        self.uris.clear();
        self
    }

    /// The resource that has an id.
    pub(super) fn declared(&self, id: &str) -> Option<&Declaration> {
        self.declared.get(&id.to_ascii_lowercase())
    }

    /// A text in which no symbol stands, or one put together from expressions. `None`: something in it has no name here.
    pub(super) fn string(&self, text: &str, words: &Deployed) -> Option<String> {
        if let Some(named) = self.find(text).filter(|named| words.stands_in(text) || !named.of.is_empty()) {
            return Some(self.whole(&named.expression));
        }
        let pieces = self.pieces(text, words)?;
        if let [] | [Piece::Text(_)] = pieces.as_slice() {
            return Some(self.literal(text));
        }
        Some(match self.language {
            Language::Json => {
                let arguments = pieces.iter().map(|piece| match piece {
                    Piece::Text(text) => arm_literal(text),
                    Piece::Expression(expression) => (*expression).to_owned(),
                });
                self.whole(&format!("concat({})", arguments.collect::<Vec<_>>().join(", ")))
            }
            _ => {
                let inner = pieces.iter().map(|piece| match piece {
                    Piece::Text(text) => bicep::string(text).trim_matches('\'').to_owned(),
                    Piece::Expression(expression) => format!("${{{expression}}}"),
                });
                format!("'{}'", inner.collect::<String>())
            }
        })
    }

    /// A text as known pieces and expressions: the longest expressions first.
    fn pieces<'n>(&'n self, text: &'n str, words: &Deployed) -> Option<Vec<Piece<'n>>> {
        let (mut pieces, mut rest) = (Vec::new(), text);
        let usable: Vec<(&String, &Named)> =
            self.known.iter().filter(|(known, _)| self.uris.contains(known) || words.stands_in(known)).collect();
        loop {
            let lower = rest.to_ascii_lowercase();
            let found =
                usable.iter().filter_map(|(known, named)| Some((lower.find(known.as_str())?, known.len(), named)));
            let first = found.min_by_key(|(at, length, named)| (*at, usize::MAX - length, named.expression.clone()));
            let before = first.as_ref().map_or(Some(rest), |(at, ..)| rest.get(..*at))?;
            if words.stands_in(before) {
                return None;
            }
            pieces.extend((!before.is_empty()).then_some(Piece::Text(before)));
            let Some((at, length, named)) = first else { return Some(pieces) };
            pieces.push(Piece::Expression(&named.expression));
            rest = rest.get(at + length..)?;
        }
    }

    /// An expression that is a whole value.
    pub(super) fn whole(&self, expression: &str) -> String {
        match self.language {
            Language::Json => serde_json::Value::from(format!("[{expression}]")).to_string(),
            _ => expression.to_owned(),
        }
    }

    /// A text that means itself.
    pub(super) fn literal(&self, text: &str) -> String {
        match self.language {
            // A bracket at the start would make it an expression.
            Language::Json if text.starts_with('[') => serde_json::Value::from(format!("[{text}")).to_string(),
            Language::Json => serde_json::Value::from(text).to_string(),
            Language::Text => text.to_owned(),
            _ => bicep::string(text),
        }
    }

    /// A text as an argument.
    pub(super) fn argument(&self, text: &str) -> String {
        match self.language {
            Language::Json => arm_literal(text),
            _ => bicep::string(text),
        }
    }
}

impl Named {
    /// An expression that is a part of no resource.
    pub(super) fn alone(expression: &str) -> Self {
        Self {
            expression: expression.to_owned(),
            seed: expression.to_owned(),
            of: String::new(),
            symbol: String::new(),
        }
    }
}

enum Piece<'p> {
    Text(&'p str),
    Expression(&'p str),
}

/// A text in an expression of ARM.
pub(super) fn arm_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The symbolic name of a resource in Bicep, with its turn in a loop.
pub(super) fn bicep_symbol(resource: &Resource) -> Option<String> {
    let symbol = resource.symbol.as_ref()?;
    match &resource.turn {
        None => Some(symbol.to_string()),
        Some(Turn::At(number)) => Some(format!("{symbol}[{number}]")),
        Some(Turn::Any(_)) => None,
    }
}

fn in_bicep(resource: &Resource, number: usize) -> Option<Declaration> {
    let symbol = bicep_symbol(resource)?;
    Some(Declaration { id: format!("{symbol}.id"), name: format!("{symbol}.name"), symbol, number })
}

/// A resource of a template in JSON: its id is an expression of its type and its name.
fn in_json(resource: &Resource, number: usize, written: &[arm::Declared]) -> Option<Declaration> {
    let (start, end) = (resource.span.start as usize, resource.span.end as usize);
    let own = written.iter().find(|own| own.range == (start..end))?;
    // The short type of a child that stands in its parent is not what `resourceId` takes.
    let kind = own.kind.as_str();
    if !kind.eq_ignore_ascii_case(&resource.resource_type) {
        return None;
    }
    let name = match (resource.name.as_str(), &resource.turn) {
        // The name of a turn is known only where it is a text.
        (Some(known), Some(_)) => arm_literal(known),
        (None, Some(_)) => return None,
        (_, None) => match own.name.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
            Some(inner) if !inner.starts_with('[') => inner.to_owned(),
            _ => arm_literal(&own.name),
        },
    };
    let segments = kind.matches('/').count();
    let whole = name.clone();
    let names = match name.strip_prefix('\'').and_then(|inner| inner.strip_suffix('\'')) {
        _ if segments == 1 => name,
        Some(literal) if !literal.contains('\'') => literal.split('/').map(arm_literal).collect::<Vec<_>>().join(", "),
        _ => (0..segments).map(|at| format!("split({name}, '/')[{at}]")).collect::<Vec<_>>().join(", "),
    };
    let id = format!("resourceId({}, {names})", arm_literal(kind));
    let symbol = resource.symbol.as_deref().unwrap_or_default().to_owned();
    Some(Declaration { symbol, id, name: whole, number })
}

/// A name that is not used yet.
pub(super) fn unused(name: &str, used: &[String]) -> String {
    let is_free = |name: &String| !used.iter().any(|own| own.eq_ignore_ascii_case(name));
    let numbered = (2..).map(|number| format!("{name}{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
}
