//! What types say of a parameter: its kind, whether it may be null, is a secret, or has few values.

use std::sync::Arc;

use crate::source::bicep::lower::frame::Frame;
use crate::source::bicep::lower::lowering::{Found, Lowering};
use crate::source::bicep::syntax::{self, Expr, ExprKind, Statement, StatementKind, Type, TypeKind, decorator};
use crate::source::bicep::unit::Unit;
use crate::template::deployment::Parameter;
use crate::template::expression;
use crate::template::value::{Kind, Value};

/// How many names are followed from one type to another.
const MAX_STEPS: usize = 64;

/// What a type says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// `string`, `int`, …; empty where it is not known.
    pub(crate) kind: &'static str,
    pub(crate) nullable: bool,
    pub(crate) secure: bool,
    /// The only values that are allowed.
    pub(crate) allowed: Option<Vec<Value>>,
}

/// A step from a type to one of its parts.
#[derive(Clone)]
enum Step {
    Property(Box<str>),
    AnyProperty,
    Index(usize),
    AnyItem,
}

impl Lowering<'_, '_> {
    /// Lowers a parameter.
    pub(crate) fn parameter(
        &mut self,
        frame: &mut Frame,
        statement: &Statement,
        ty: Option<&Type>,
        value: Option<&Expr>,
    ) -> Parameter {
        let unit = frame.unit.clone();
        let facts = ty.map(|ty| self.type_facts(&unit, ty)).unwrap_or_default();
        let secure = facts.secure || statement.decorator("secure").is_some();
        let kind = match (facts.kind, secure) {
            ("string", true) => "securestring",
            ("object", true) => "secureObject",
            (kind, _) => kind,
        };
        let allowed = match statement.decorator("allowed") {
            Some([allowed, ..]) => Some(self.expr(frame, allowed)),
            _ => facts.allowed.map(|values| {
                let place = ty.map_or(statement.span, |ty| ty.span);
                expression::Expr::literal(Value::array(values, unit.place(place)))
            }),
        };
        Parameter {
            span: frame.place(statement.span),
            kind: kind.into(),
            default: value.map(|value| self.expr(frame, value)),
            allowed,
            secure,
            nullable: facts.nullable,
        }
    }

    /// Returns what a type says.
    pub(crate) fn type_facts(&mut self, unit: &Arc<Unit>, ty: &Type) -> Facts {
        let mut steps_left = MAX_STEPS;
        self.facts(unit, false, ty, &mut Vec::new(), &mut steps_left)
    }

    /// Follows `steps` (the last one first) from a type, and says what stands there.
    fn facts(&mut self, unit: &Arc<Unit>, imported: bool, ty: &Type, steps: &mut Vec<Step>, left: &mut usize) -> Facts {
        *left = left.saturating_sub(1);
        if *left == 0 {
            return Facts::default();
        }
        match &ty.kind {
            TypeKind::Property(base, name) => {
                if let TypeKind::Name(namespace) = &base.kind {
                    match self.find(unit, imported, namespace) {
                        Found::Namespace(unit, import) => {
                            let found = self.member(&unit, import, &name.text);
                            return self.facts_of(found, steps, left);
                        }
                        Found::Nothing if &**namespace == "sys" => return built_in(&name.text, steps),
                        _ => {}
                    }
                }
                steps.push(Step::Property(name.text.clone()));
                self.facts(unit, imported, base, steps, left)
            }
            TypeKind::AnyProperty(base) => {
                steps.push(Step::AnyProperty);
                self.facts(unit, imported, base, steps, left)
            }
            TypeKind::AnyItem(base) => {
                steps.push(Step::AnyItem);
                self.facts(unit, imported, base, steps, left)
            }
            TypeKind::Index(base, index) => {
                let number = match index.kind {
                    ExprKind::Int(number) => usize::try_from(number).ok(),
                    _ => None,
                };
                steps.push(number.map_or(Step::AnyItem, Step::Index));
                self.facts(unit, imported, base, steps, left)
            }
            TypeKind::Name(name) => match self.find(unit, imported, name) {
                Found::Nothing => built_in(name, steps),
                found => self.facts_of(found, steps, left),
            },
            TypeKind::Nullable(inner) => {
                let outer = steps.is_empty();
                let facts = self.facts(unit, imported, inner, steps, left);
                Facts { nullable: facts.nullable || outer, ..facts }
            }
            TypeKind::NonNull(inner) => {
                let outer = steps.is_empty();
                let facts = self.facts(unit, imported, inner, steps, left);
                Facts { nullable: facts.nullable && !outer, ..facts }
            }
            TypeKind::Array(inner) => match steps.pop() {
                None => Facts { kind: "array", ..Facts::default() },
                Some(_) => self.facts(unit, imported, inner, steps, left),
            },
            TypeKind::Tuple(items) => match steps.pop() {
                None => Facts { kind: "array", ..Facts::default() },
                Some(Step::Index(number)) => match items.get(number) {
                    Some(item) => self.facts(unit, imported, item, steps, left),
                    None => Facts::default(),
                },
                Some(_) => Facts::default(),
            },
            TypeKind::Object(members) => self.member_facts(unit, imported, members, steps, left),
            TypeKind::Union(members) => self.union_facts(unit, imported, members, steps, left),
            TypeKind::Literal(literal) => literal_facts(unit, literal),
            TypeKind::Resource(_) => Facts { kind: "resource", ..Facts::default() },
            TypeKind::Arguments(..) | TypeKind::Missing => Facts::default(),
        }
    }

    fn facts_of(&mut self, found: Found, steps: &mut Vec<Step>, left: &mut usize) -> Facts {
        let Found::Statement(unit, number, imported) = found else { return Facts::default() };
        let Some(statement) = unit.statement(number) else { return Facts::default() };
        let StatementKind::Type(_, ty) = &statement.kind else { return Facts::default() };
        let here = steps.is_empty();
        let facts = self.facts(&unit, imported, ty, steps, left);
        Facts { secure: facts.secure || (here && statement.decorator("secure").is_some()), ..facts }
    }

    fn member_facts(
        &mut self,
        unit: &Arc<Unit>,
        imported: bool,
        members: &[syntax::TypeMember],
        steps: &mut Vec<Step>,
        left: &mut usize,
    ) -> Facts {
        let named = |name: &str| members.iter().find(|m| m.key.as_ref().and_then(Expr::as_key) == Some(name));
        let member = match steps.pop() {
            None => return Facts { kind: "object", ..Facts::default() },
            Some(Step::Property(name)) => named(&name),
            Some(_) => members.iter().find(|member| member.key.is_none()),
        };
        let Some(member) = member else { return Facts::default() };
        let here = steps.is_empty();
        let facts = self.facts(unit, imported, &member.ty, steps, left);
        Facts { secure: facts.secure || (here && decorator(&member.decorators, "secure").is_some()), ..facts }
    }

    fn union_facts(
        &mut self,
        unit: &Arc<Unit>,
        imported: bool,
        members: &[Type],
        steps: &[Step],
        left: &mut usize,
    ) -> Facts {
        if !steps.is_empty() {
            return Facts::default();
        }
        let mut united = Facts { allowed: Some(Vec::new()), ..Facts::default() };
        for member in members {
            let facts = self.facts(unit, imported, member, &mut Vec::new(), left);
            united.nullable |= facts.nullable || facts.kind == "null";
            if facts.kind != "null" {
                united.kind = facts.kind;
            }
            united.allowed = match (united.allowed, facts.allowed) {
                (Some(mut all), Some(more)) => {
                    all.extend(more);
                    Some(all)
                }
                (all, None) if facts.kind == "null" => all,
                _ => None,
            };
        }
        united
    }
}

fn built_in(name: &str, steps: &[Step]) -> Facts {
    let kind = match name {
        "string" => "string",
        "int" => "int",
        "bool" => "bool",
        "array" => "array",
        "object" => "object",
        _ => "",
    };
    let secure = matches!(name, "secureString" | "secureObject");
    let kind = match name {
        "secureString" => "string",
        "secureObject" => "object",
        _ => kind,
    };
    if steps.is_empty() { Facts { kind, secure, ..Facts::default() } } else { Facts::default() }
}

fn literal_facts(unit: &Unit, literal: &Expr) -> Facts {
    let (kind, value) = match &literal.kind {
        ExprKind::Text(text) => ("string", Kind::String((&**text).into())),
        ExprKind::Int(number) => ("int", Kind::Int(*number)),
        ExprKind::Bool(value) => ("bool", Kind::Bool(*value)),
        ExprKind::Null => return Facts { kind: "null", ..Facts::default() },
        ExprKind::Unary("-", inner) => match inner.kind {
            ExprKind::Int(number) => ("int", Kind::Int(number.wrapping_neg())),
            _ => return Facts::default(),
        },
        ExprKind::Unary("!", inner) => match inner.kind {
            ExprKind::Bool(value) => ("bool", Kind::Bool(!value)),
            _ => return Facts::default(),
        },
        _ => return Facts::default(),
    };
    let value = Value::new(value, unit.place(literal.span));
    Facts { kind, allowed: Some(vec![value]), ..Facts::default() }
}
