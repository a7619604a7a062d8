//! The part of a script that is followed. PowerShell and POSIX shell are both lowered to it.

/// An expression, and the byte where it starts.
#[derive(Debug)]
pub(super) struct Expr {
    pub at: usize,
    pub form: Form,
}

/// What an expression is.
#[derive(Debug)]
pub(super) enum Form {
    /// A literal.
    Text(String),
    /// Pieces that are written one behind the other.
    Parts(Vec<Expr>),
    /// `a + b`.
    Sum(Box<Expr>, Box<Expr>),
    /// `'{0}-{1}' -f a, b`.
    Format(Box<Expr>, Box<Expr>),
    Variable(String),
    /// A variable, or another value where it is not set: `${NAME:-value}`.
    Or(String, Box<Expr>),
    Member(Box<Expr>, String),
    Index(Box<Expr>, Box<Expr>),
    Method(Box<Expr>, String, Vec<Expr>),
    List(Vec<Expr>),
    /// A table, with the keys as they were written.
    Table(Vec<(String, Expr)>),
    /// What a pipeline prints.
    Pipeline(Vec<Stage>),
    /// What statements print.
    Printed(Vec<Statement>),
    /// A script block that is passed on.
    Block(Block),
    /// Anything else.
    Other,
}

/// One stage of a pipeline.
#[derive(Debug)]
pub(super) enum Stage {
    Command(Command),
    Value(Expr),
}

/// A command with its arguments.
#[derive(Debug)]
pub(super) struct Command {
    pub at: usize,
    pub name: Expr,
    pub arguments: Vec<Argument>,
    /// A here-document.
    pub input: Option<Expr>,
}

/// A table of arguments that no script sets: a part of the command could not be parsed.
pub(super) const NOT_PARSED: &str = "\u{e001}not parsed";

/// An argument of a command.
#[derive(Debug)]
pub(super) enum Argument {
    /// `-Name`, `-Name:value`, and `--name` in PowerShell.
    Named {
        name: String,
        at: usize,
        value: Option<Expr>,
    },
    Value(Expr),
    /// `@table`.
    Splat(String),
}

/// Parameters with their defaults, and what is done.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub parameters: Vec<Parameter>,
    pub body: Vec<Statement>,
}

/// A parameter of a script or a function.
#[derive(Debug)]
pub(super) struct Parameter {
    pub name: String,
    /// It takes no value.
    pub is_switch: bool,
    pub default: Option<Expr>,
}

/// One statement.
#[derive(Debug)]
pub(super) enum Statement {
    Assign {
        name: String,
        adds: bool,
        value: Expr,
    },
    /// `$table.key = value`.
    Put {
        name: String,
        key: Expr,
        value: Expr,
    },
    Run(Expr),
    /// Which of these runs is not known. `is_whole`: one of them does.
    Branches {
        of: Vec<Vec<Statement>>,
        is_whole: bool,
    },
    Each {
        name: String,
        list: Expr,
        body: Vec<Statement>,
    },
    /// A body that may run any number of times.
    Loop(Vec<Statement>),
    Function {
        name: String,
        block: Block,
    },
    Sequence(Vec<Statement>),
    /// Variables whose values are not known from here on.
    Forget(Vec<String>),
}

impl Expr {
    pub(super) fn new(at: usize, form: Form) -> Self {
        Self { at, form }
    }

    /// A literal.
    pub(super) fn text(at: usize, text: impl Into<String>) -> Self {
        Self::new(at, Form::Text(text.into()))
    }
}

/// The names of the variables that statements set.
pub(super) fn assigned(statements: &[Statement]) -> Vec<String> {
    let mut names = Vec::new();
    statements.iter().for_each(|one| collect(one, &mut names));
    names
}

fn collect(statement: &Statement, names: &mut Vec<String>) {
    match statement {
        Statement::Assign { name, .. } | Statement::Put { name, .. } => names.push(name.clone()),
        Statement::Branches { of, .. } => of.iter().flatten().for_each(|one| collect(one, names)),
        Statement::Each { name, body, .. } => {
            names.push(name.clone());
            body.iter().for_each(|one| collect(one, names));
        }
        Statement::Loop(body) | Statement::Sequence(body) => body.iter().for_each(|one| collect(one, names)),
        Statement::Forget(own) => names.extend(own.iter().cloned()),
        Statement::Run(expr) => in_expr(expr, names),
        Statement::Function { .. } => {}
    }
}

/// Script blocks of `ForEach-Object` and the like run in the scope they stand in.
fn in_expr(expr: &Expr, names: &mut Vec<String>) {
    let Form::Pipeline(stages) = &expr.form else { return };
    for stage in stages {
        let Stage::Command(command) = stage else { continue };
        for argument in &command.arguments {
            let (Argument::Value(value) | Argument::Named { value: Some(value), .. }) = argument else { continue };
            if let Form::Block(block) = &value.form {
                block.body.iter().for_each(|one| collect(one, names));
            }
        }
    }
}
