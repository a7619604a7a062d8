//! What lowering PowerShell and lowering a shell share: both stop at the same depth.

use crate::source::script::syntax::Piece;
use crate::source::script::tree::{Expr, Form, Statement};

/// How deep values and blocks are followed.
const DEEPEST: usize = 120;

/// How deep lowering is, and where it could not go on.
#[derive(Default)]
pub(super) struct Progress {
    depth: usize,
    /// The bytes at which something could not be parsed, or lies too deep.
    pub errors: Vec<usize>,
}

/// Lowers a language.
pub(super) trait Lower {
    fn progress(&mut self) -> &mut Progress;

    /// Lowers one node to statements.
    fn statement(&mut self, piece: Piece<'_>, to: &mut Vec<Statement>);

    /// Lowers one node to a value.
    fn form(&mut self, piece: Piece<'_>) -> Form;

    /// Goes one level deeper. `None`: the bound is reached, which is noted.
    fn deeper<T>(&mut self, at: usize, lower: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let progress = self.progress();
        progress.depth += 1;
        let result = match progress.depth > DEEPEST {
            true => {
                progress.errors.push(at);
                None
            }
            false => Some(lower(self)),
        };
        self.progress().depth -= 1;
        result
    }

    /// The statements inside a node.
    fn inside(&mut self, piece: Piece<'_>) -> Vec<Statement> {
        let mut body = Vec::new();
        piece.children().into_iter().for_each(|child| self.statements(child, &mut body));
        body
    }

    /// The statements that a node holds.
    fn statements(&mut self, piece: Piece<'_>, to: &mut Vec<Statement>) {
        self.deeper(piece.at(), |own| own.statement(piece, to));
    }

    /// The value that a node holds.
    fn value(&mut self, piece: Piece<'_>) -> Expr {
        let form = self.deeper(piece.at(), |own| own.form(piece));
        Expr::new(piece.at(), form.unwrap_or(Form::Other))
    }
}
