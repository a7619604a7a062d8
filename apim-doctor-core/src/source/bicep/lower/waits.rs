//! What a declaration waits for beyond what its values show.
//!
//! The compiler makes a declaration wait for each resource that is named in it. Evaluation finds the same, with two
//! exceptions: of a loop inside of the declaration it sees which instances are really taken, where the compiler makes it
//! wait for all; and `nameof` takes no value at all.

use crate::source::bicep::lower::frame::Frame;
use crate::source::bicep::lower::lowering::Lowering;
use crate::source::bicep::syntax::{self, ExprKind, Member, Piece};
use crate::template::expression::{self, Expr};

impl Lowering<'_, '_> {
    /// Waits for all instances of a loop, if the index is known inside of the declaration only.
    pub(crate) fn wait_for_all(&mut self, frame: &Frame, of: &Expr, index: &syntax::Expr) {
        let (Some(locals), expression::ExprKind::Resource(symbol)) = (self.waits.locals, &of.kind) else { return };
        if self.loops.contains(symbol) && mentions(index, &|name| frame.is_local_beyond(name, locals)) {
            self.waits.on.push(of.clone());
        }
    }

    /// Waits for the resource or module whose name, or a part of which, is an argument of `nameof`.
    pub(crate) fn wait_for_named(&mut self, frame: &mut Frame, arg: &syntax::Expr) {
        if self.waits.locals.is_none() {
            return;
        }
        let mut inner = arg;
        while let ExprKind::Property { base, .. } | ExprKind::Index { base, .. } = &inner.kind {
            inner = base;
        }
        let is_name = matches!(inner.kind, ExprKind::Name(_) | ExprKind::Child(..));
        if !is_name {
            return;
        }
        let lowered = self.expr(frame, inner);
        if matches!(lowered.kind, expression::ExprKind::Resource(_)) {
            self.waits.on.push(lowered);
        }
    }
}

/// Tells whether an expression mentions a name that `wanted` knows.
fn mentions(expr: &syntax::Expr, wanted: &dyn Fn(&str) -> bool) -> bool {
    let any = |exprs: &[&syntax::Expr]| exprs.iter().any(|expr| mentions(expr, wanted));
    match &expr.kind {
        ExprKind::Name(name) => wanted(name),
        ExprKind::Interpolated(pieces) => {
            pieces.iter().any(|piece| matches!(piece, Piece::Expr(expr) if mentions(expr, wanted)))
        }
        ExprKind::Array(items) => items.iter().any(|item| mentions(&item.value, wanted)),
        ExprKind::Object(object) => object.members.iter().any(|member| match member {
            Member::Property { key, value } => {
                mentions(value, wanted) || (key.as_key().is_none() && mentions(key, wanted))
            }
            Member::Spread(value) => mentions(value, wanted),
            Member::Resource(_) => false,
        }),
        ExprKind::For(read) => any(&[&read.over, &read.body]),
        ExprKind::Call { base, args, .. } => {
            base.as_deref().is_some_and(|base| mentions(base, wanted)) || args.iter().any(|arg| mentions(arg, wanted))
        }
        ExprKind::Property { base, .. } | ExprKind::Child(base, _) | ExprKind::NonNull(base) => mentions(base, wanted),
        ExprKind::Index { base, index, .. } => any(&[base, index]),
        ExprKind::If(left, right) | ExprKind::Binary(_, left, right) => any(&[left, right]),
        ExprKind::Unary(_, inner) | ExprKind::Lambda(_, inner) => mentions(inner, wanted),
        ExprKind::Ternary(condition, yes, no) => any(&[condition, yes, no]),
        ExprKind::Null | ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Text(_) | ExprKind::Missing => false,
    }
}
