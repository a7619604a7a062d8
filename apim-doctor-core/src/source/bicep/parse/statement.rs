//! Declarations.

use crate::source::bicep::lexer::Kind;
use crate::source::bicep::parse::cursor::Cursor;
use crate::source::bicep::syntax::{Expr, ModuleDecl, Name, ResourceDecl, Statement, StatementKind, Type};

/// The words that begin a declaration.
pub(crate) const KEYWORDS: &[&str] = &[
    "param",
    "var",
    "resource",
    "module",
    "output",
    "type",
    "func",
    "import",
    "metadata",
    "targetScope",
    "using",
    "extends",
    "extension",
    "extensionConfig",
    "provider",
    "assert",
    "test",
];

impl Cursor<'_> {
    /// Reads decorators.
    pub(crate) fn decorators(&mut self) -> Vec<Expr> {
        let mut read = Vec::new();
        while self.take("@") {
            read.push(self.expression());
        }
        read
    }

    /// Reads a child resource inside of a resource.
    pub(crate) fn child_resource(&mut self) -> (Option<Statement>, u16) {
        let decorators = self.decorators();
        let start = self.peek().span;
        if !self.take_word("resource") {
            self.expected("`resource`");
            self.skip_line();
            return (None, 1);
        }
        let kind = self.resource();
        let height = match &kind {
            StatementKind::Resource(resource) => resource.body.height,
            _ => 1,
        };
        (Some(Statement { decorators, kind, span: start.to(self.after_last()) }), height)
    }

    /// Reads a declaration. None: nothing was read, the cursor stands on something else.
    pub(crate) fn statement(&mut self) -> Option<Statement> {
        let decorators = self.decorators();
        let token = self.peek();
        let word = if token.kind == Kind::Name { self.text(token) } else { "" };
        if !KEYWORDS.contains(&word) {
            self.expected("a declaration, such as `param`, `var`, `resource` or `module`");
            return None;
        }
        self.next();
        let kind = self.declared(word);
        Some(Statement { decorators, kind, span: token.span.to(self.after_last()) })
    }

    fn declared(&mut self, word: &str) -> StatementKind {
        match word {
            "param" => self.param(),
            "var" => {
                let name = self.name("the name of the variable");
                let ty = self.optional_type();
                StatementKind::Var { name, ty, value: self.assigned() }
            }
            "resource" => self.resource(),
            "module" => self.module(),
            "output" => {
                let name = self.name("the name of the output");
                let ty = self.optional_type();
                StatementKind::Output { name, ty, value: self.assigned() }
            }
            "type" => {
                let name = self.name("the name of the type");
                let ty = if self.expect("=") { self.type_expression() } else { self.type_missing() };
                StatementKind::Type(name, ty)
            }
            "func" => self.func(),
            "import" => self.import(),
            "metadata" => StatementKind::Metadata(self.name("the name of the metadata"), self.assigned()),
            "targetScope" => StatementKind::TargetScope(self.assigned()),
            "using" => self.using(),
            "extends" => StatementKind::Extends(self.expression()),
            "extensionConfig" => {
                let name = self.name("the name of the extension");
                StatementKind::ExtensionConfig(name, self.with())
            }
            "assert" => StatementKind::Assert(self.name("the name of the assertion"), self.assigned()),
            "test" => {
                let name = self.name("the name of the test");
                let path = self.path();
                StatementKind::Test(name, path, self.assigned())
            }
            _ => self.extension(),
        }
    }

    /// Reads `= value`. Where only the `=` is missing, the value is read all the same.
    fn assigned(&mut self) -> Expr {
        if self.expect("=") || self.follows() { self.body() } else { self.missing() }
    }

    /// Reads a type, if one stands before `=` or the end of the line. A union may begin on the next line.
    fn optional_type(&mut self) -> Option<Type> {
        let token = self.peek();
        let none = self.is("=") || token.kind == Kind::End || (token.newline && !self.is("|"));
        (!none).then(|| self.type_expression())
    }

    fn type_missing(&mut self) -> Type {
        let span = self.after_last();
        self.ty(crate::source::bicep::syntax::TypeKind::Missing, span, 0)
    }

    fn param(&mut self) -> StatementKind {
        let name = self.name("the name of the parameter");
        let ty = self.optional_type();
        let value = self.take("=").then(|| self.expression());
        if ty.is_none() && value.is_none() && !name.text.is_empty() {
            self.expected("the type of the parameter");
        }
        StatementKind::Param { name, ty, value }
    }

    fn func(&mut self) -> StatementKind {
        let name = self.name("the name of the function");
        let mut params = Vec::new();
        if self.expect("(") {
            self.unbroken(|cursor| {
                while !cursor.take(")") {
                    let name = cursor.name("the name of a parameter");
                    let ty = cursor.type_expression();
                    params.push((name, ty));
                    if !cursor.take(",") {
                        cursor.expect(")");
                        break;
                    }
                }
            });
        }
        let returns = self.type_expression();
        let body = if self.expect("=>") { self.expression() } else { self.missing() };
        StatementKind::Func { name, params, returns, body }
    }

    /// Reads the string that names a file, an artifact or a type.
    fn path(&mut self) -> Expr {
        if matches!(self.peek().kind, Kind::Text | Kind::TextStart) && !self.peek().newline {
            return self.string();
        }
        self.expected("a string");
        self.missing()
    }

    fn resource(&mut self) -> StatementKind {
        let name = self.name("the symbolic name of the resource");
        let ty = self.path();
        let existing = self.take_word("existing");
        let body = self.assigned();
        StatementKind::Resource(Box::new(ResourceDecl { name, ty, existing, body }))
    }

    fn module(&mut self) -> StatementKind {
        let name = self.name("the symbolic name of the module");
        let path = self.path();
        let body = self.assigned();
        StatementKind::Module(Box::new(ModuleDecl { name, path, body }))
    }

    fn import(&mut self) -> StatementKind {
        if matches!(self.peek().kind, Kind::Text | Kind::TextStart) {
            return self.extension();
        }
        let (mut names, mut all) = (Vec::new(), None);
        if self.take("*") {
            if !self.take_word("as") {
                self.expected("`as` and a name");
            }
            all = Some(self.name("a name for what is imported"));
        } else if self.expect("{") {
            self.unbroken(|cursor| {
                while !cursor.take("}") {
                    let before = cursor.at();
                    names.extend(cursor.imported());
                    cursor.take(",");
                    if cursor.at() == before {
                        cursor.expect("}");
                        break;
                    }
                }
            });
        }
        if !self.take_word("from") {
            self.expected("`from` and a path");
        }
        StatementKind::Import { names, all, from: self.path() }
    }

    fn imported(&mut self) -> Option<(Name, Name)> {
        let token = self.peek();
        let original = match token.kind {
            Kind::Text => {
                let text = self.string();
                Name { text: text.as_text().unwrap_or_default().into(), span: text.span }
            }
            Kind::Name => self.name("a name"),
            _ => return None,
        };
        let given = if self.take_word("as") { self.name("a name") } else { original.clone() };
        Some((original, given))
    }

    fn with(&mut self) -> Option<Expr> {
        self.take_word("with").then(|| self.expression())
    }

    fn extension(&mut self) -> StatementKind {
        let spec = match self.peek().kind {
            Kind::Name if !self.peek().newline => self.key(),
            _ => self.path(),
        };
        let with = self.with();
        let alias = self.take_word("as").then(|| self.name("a name for the extension"));
        StatementKind::Extension { spec, with, alias }
    }

    fn using(&mut self) -> StatementKind {
        let path = (!self.take_word("none")).then(|| self.expression());
        StatementKind::Using { path, with: self.with() }
    }
}
