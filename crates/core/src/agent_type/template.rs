//! Command lines with places for the prompt and the folder, which no shell ever parses.
//!
//! A place becomes a quoted variable, so that whatever a person writes stays one argument. Therefore a place
//! must not stand where the shell would read it otherwise: in quotes, behind a backslash or in backticks.

/// The longest template, in characters.
pub const LONGEST_TEMPLATE: usize = 1000;

/// The environment variable in which the prompt travels.
pub const PROMPT_VARIABLE: &str = "PILOTHOUSE_PROMPT";

/// What a template is for, which decides whether it has a place for the prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Begin a conversation: the prompt has a place and may be missing.
    Begin,
    /// Go on with the last one: there is no prompt.
    Continue,
    /// Answer once: there is always a prompt.
    Headless,
}

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is empty or too long.
    #[error("a template has 1 to {LONGEST_TEMPLATE} characters")]
    Length,
    /// It has more than one line, or characters that nobody sees.
    #[error("a template is one line without control characters")]
    Control,
    /// There is no place for the prompt.
    #[error("it has to contain {{{{prompt}}}}, outside of quotes")]
    NoPrompt,
    /// There is a place for a prompt although there will be none.
    #[error("it must not contain {{{{prompt}}}}: there is no prompt when a conversation goes on")]
    Prompt,
    /// A place stands where a shell would parse what is put in.
    #[error(
        "{{{{{0}}}}} must not stand in quotes, in backticks or behind a backslash; it is quoted anyway"
    )]
    Quoted(String),
    /// Something else stands in double braces.
    #[error(
        "{{{{{0}}}}} is unknown; there are {{{{prompt}}}}, {{{{prompt:+-OPTION}}}} and {{{{cwd}}}}"
    )]
    Unknown(String),
    /// A quote, a backtick or a pair of braces is not closed.
    #[error("a quote, a backtick or {{{{ is not closed")]
    Unclosed,
}

/// A part of a template.
enum Part<'a> {
    Text(&'a str),
    Cwd,
    /// With the option that is written before the prompt, if there is a prompt.
    Prompt(Option<&'a str>),
}

/// Checks one template.
pub fn validate(template: &str, purpose: Purpose) -> Result<(), TemplateError> {
    if template.trim().is_empty() || template.chars().count() > LONGEST_TEMPLATE {
        return Err(TemplateError::Length);
    }
    if template.contains(char::is_control) {
        return Err(TemplateError::Control);
    }
    let parts = parts(template)?;
    let has_place = parts.iter().any(|part| matches!(part, Part::Prompt(_)));
    match purpose {
        Purpose::Begin | Purpose::Headless if !has_place => Err(TemplateError::NoPrompt),
        Purpose::Continue if has_place => Err(TemplateError::Prompt),
        Purpose::Begin | Purpose::Headless | Purpose::Continue => Ok(()),
    }
}

/// The line for the shell: `{{prompt}}` is `"$PILOTHOUSE_PROMPT"`, or nothing if there is none, `{{cwd}}` is `"$PWD"`.
///
/// `{{prompt:+-i}}` is `-i "$PILOTHOUSE_PROMPT"`, and nothing at all without a prompt: for programs whose
/// option must not stand alone.
pub fn expand(template: &str, has_prompt: bool) -> Result<String, TemplateError> {
    let mut line = String::with_capacity(template.len() + 24);
    for part in parts(template)? {
        match part {
            Part::Text(text) => line.push_str(text),
            Part::Cwd => line.push_str("\"$PWD\""),
            Part::Prompt(option) if has_prompt => {
                if let Some(option) = option {
                    line.push_str(option);
                    line.push(' ');
                }
                line.extend(["\"$", PROMPT_VARIABLE, "\""]);
            }
            Part::Prompt(_) => {}
        }
    }
    Ok(line.trim_end().to_owned())
}

/// What the variable is set to: the prompt, kept from being read as an option or from ending early.
pub fn prompt_value(prompt: &str) -> String {
    let mut value = prompt.replace('\0', "");
    if value.starts_with('-') {
        value.insert(0, ' ');
    }
    value
}

fn parts(template: &str) -> Result<Vec<Part<'_>>, TemplateError> {
    let mut parts = Vec::new();
    let mut shell = Shell::default();
    let mut rest = template;
    while let Some(begin) = rest.find("{{") {
        let (text, place) = rest.split_at(begin);
        shell.read(text);
        let end = place.find("}}").ok_or(TemplateError::Unclosed)?;
        let name = &place[2..end];
        let part = part(name).ok_or_else(|| TemplateError::Unknown(name.to_owned()))?;
        if shell.is_quoting() {
            return Err(TemplateError::Quoted(name.to_owned()));
        }
        parts.extend([Part::Text(text), part]);
        rest = &place[end + 2..];
    }
    shell.read(rest);
    if shell.is_quoting() {
        return Err(TemplateError::Unclosed);
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

fn part(name: &str) -> Option<Part<'_>> {
    match name {
        "cwd" => Some(Part::Cwd),
        "prompt" => Some(Part::Prompt(None)),
        _ => {
            let option = name.strip_prefix("prompt:+")?;
            let is_option = option.len() > 1
                && option.starts_with('-')
                && option.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            is_option.then_some(Part::Prompt(Some(option)))
        }
    }
}

/// Where in the shell's quoting one is.
#[derive(Default)]
struct Shell {
    quote: Option<char>,
    is_escaped: bool,
}

impl Shell {
    fn read(&mut self, text: &str) {
        for character in text.chars() {
            match (self.quote, character) {
                _ if self.is_escaped => self.is_escaped = false,
                (None | Some('"' | '`'), '\\') => self.is_escaped = true,
                (None, '\'' | '"' | '`') => self.quote = Some(character),
                (Some(quote), _) if quote == character => self.quote = None,
                _ => {}
            }
        }
    }

    fn is_quoting(&self) -> bool {
        self.quote.is_some() || self.is_escaped
    }
}
