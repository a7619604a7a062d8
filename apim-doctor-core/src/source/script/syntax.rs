//! Parses a text with a kept grammar, within limits: a script is not trusted.

use std::ops::ControlFlow;

use tree_sitter::{Language, Node, ParseOptions, ParseState, Parser, Tree};

/// How many steps of the parser a byte may take, and how many any text may take.
const STEPS_A_BYTE: usize = 8;
const STEPS: usize = 20_000;

/// The tree of a text; `None` if the grammar takes too long for it.
pub(super) fn parse(language: &Language, text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(language).ok()?;
    let mut left = STEPS + text.len().saturating_mul(STEPS_A_BYTE);
    // It is called once in about a hundred steps of the parser.
    let mut progress = |_: &ParseState| {
        left = left.saturating_sub(100);
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let bytes = text.as_bytes();
    let mut read = |at: usize, _| bytes.get(at..).unwrap_or_default();
    parser.parse_with_options(&mut read, None, Some(ParseOptions::new().progress_callback(&mut progress)))
}

/// A node with the text that it is from.
#[derive(Clone, Copy)]
pub(super) struct Piece<'t> {
    pub node: Node<'t>,
    pub source: &'t str,
}

impl<'t> Piece<'t> {
    pub(super) fn kind(&self) -> &'static str {
        self.node.kind()
    }

    pub(super) fn at(&self) -> usize {
        self.node.start_byte()
    }

    pub(super) fn text(&self) -> &'t str {
        self.source.get(self.node.byte_range()).unwrap_or_default()
    }

    /// The children that have a name in the grammar, without comments.
    pub(super) fn children(&self) -> Vec<Piece<'t>> {
        let mut cursor = self.node.walk();
        let named = self.node.named_children(&mut cursor).filter(|node| node.kind() != "comment");
        named.map(|node| Piece { node, source: self.source }).collect()
    }

    /// Every child, signs included.
    pub(super) fn parts(&self) -> Vec<Piece<'t>> {
        let mut cursor = self.node.walk();
        self.node.children(&mut cursor).map(|node| Piece { node, source: self.source }).collect()
    }

    pub(super) fn field(&self, name: &str) -> Option<Piece<'t>> {
        self.node.child_by_field_name(name).map(|node| Piece { node, source: self.source })
    }

    pub(super) fn fields(&self, name: &str) -> Vec<Piece<'t>> {
        let mut cursor = self.node.walk();
        let found = self.node.children_by_field_name(name, &mut cursor);
        found.map(|node| Piece { node, source: self.source }).collect()
    }

    /// The first child of a kind.
    pub(super) fn child(&self, kind: &str) -> Option<Piece<'t>> {
        let mut cursor = self.node.walk();
        let found = self.node.named_children(&mut cursor).find(|node| node.kind() == kind);
        found.map(|node| Piece { node, source: self.source })
    }

    /// Whether a part of a command may be missing from its node: something in it or right behind it could not be parsed.
    pub(super) fn may_lack_arguments(&self) -> bool {
        if self.node.has_error() {
            return true;
        }
        let mut node = self.node;
        for _ in 0..6 {
            if node.next_sibling().is_some_and(|next| next.is_error()) {
                return true;
            }
            match node.parent().filter(|parent| parent.end_byte() == node.end_byte()) {
                Some(parent) => node = parent,
                None => return false,
            }
        }
        false
    }

    /// The node that stands alone inside this one, and alone inside that, and so on. What stands in a string has text
    /// around it that is not a node.
    pub(super) fn innermost(self) -> Self {
        let mut piece = self;
        while !piece.kind().starts_with("expandable_")
            && piece.node.child_count() == 1
            && let Some(only) = piece.node.named_child(0)
            && only.kind() != "command_name"
        {
            piece = Piece { node: only, source: self.source };
        }
        piece
    }
}
