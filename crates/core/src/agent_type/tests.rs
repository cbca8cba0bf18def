//! What templates and patterns people may write, and what becomes of them.

use super::{template::validate, *};

fn expanded(template: &str, has_prompt: bool) -> String {
    expand(template, has_prompt).unwrap()
}

#[test]
fn a_prompt_becomes_a_quoted_variable_and_disappears_without_one() {
    assert_eq!(expanded("claude {{prompt}}", true), "claude \"$PILOTHOUSE_PROMPT\"");
    assert_eq!(expanded("claude {{prompt}}", false), "claude");
    assert_eq!(
        expanded("x --dir={{cwd}} {{prompt}} -v", true),
        "x --dir=\"$PWD\" \"$PILOTHOUSE_PROMPT\" -v"
    );
    assert_eq!(expanded("gemini {{prompt:+-i}}", true), "gemini -i \"$PILOTHOUSE_PROMPT\"");
    assert_eq!(expanded("gemini {{prompt:+-i}}", false), "gemini");
}

#[test]
fn a_prompt_is_never_read_as_an_option() {
    assert_eq!(prompt_value("--dangerous"), " --dangerous");
    assert_eq!(prompt_value("fix a\0 bug"), "fix a bug");
    assert_eq!(prompt_value("a - b"), "a - b");
}

#[test]
fn templates_are_refused_where_a_shell_would_parse_what_is_put_in() {
    let begin = |template: &str| validate(template, Purpose::Begin);
    for good in
        ["a {{prompt}}", "a 'x y' {{prompt}}", "a \"it's\" {{prompt}}", "a \\\" {{prompt}} {{cwd}}"]
    {
        assert_eq!(begin(good), Ok(()), "{good}");
    }
    for quoted in [
        "a '{{prompt}}'",
        "a \"{{prompt}}\"",
        "a \"x {{prompt}}\"",
        "`{{prompt}}`",
        "a \\{{prompt}}",
    ] {
        assert_eq!(begin(quoted), Err(TemplateError::Quoted("prompt".into())), "{quoted}");
    }
    assert_eq!(begin("a {{prompt}} \"{{cwd}}\""), Err(TemplateError::Quoted("cwd".into())));
    assert_eq!(begin("a {{prompt}} {{model}}"), Err(TemplateError::Unknown("model".into())));
    assert_eq!(begin("a {{prompt:+;}}"), Err(TemplateError::Unknown("prompt:+;".into())));
    assert_eq!(begin("a"), Err(TemplateError::NoPrompt));
    assert_eq!(begin("a {{prompt"), Err(TemplateError::Unclosed));
    assert_eq!(begin("a {{prompt}} 'b"), Err(TemplateError::Unclosed));
    assert_eq!(begin("a {{prompt}}\nrm x"), Err(TemplateError::Control));
    assert_eq!(begin(" "), Err(TemplateError::Length));
    assert_eq!(begin(&format!("{{{{prompt}}}}{}", "x".repeat(1000))), Err(TemplateError::Length));
    assert_eq!(validate("a -c", Purpose::Continue), Ok(()));
    assert_eq!(validate("a -c {{prompt}}", Purpose::Continue), Err(TemplateError::Prompt));
    assert_eq!(validate("a -p", Purpose::Headless), Err(TemplateError::NoPrompt));
}

#[test]
fn what_comes_with_the_program_is_valid() {
    let all = AgentType::built_in();
    let ids: Vec<_> = all.iter().map(|agent_type| agent_type.id.as_str()).collect();
    assert_eq!(ids, ["claude", "codex", "gemini"]);
    for agent_type in all {
        assert_eq!(agent_type.validate(), Ok(()), "{}", agent_type.id);
        assert!(CheckedPatterns::check(agent_type.asking_patterns).is_ok(), "{}", agent_type.id);
    }
}

#[test]
fn an_invalid_type_is_refused_with_the_field_to_mend() {
    let good = AgentType::built_in().remove(0);
    let told = |change: fn(&mut AgentType)| {
        let mut changed = good.clone();
        change(&mut changed);
        changed.validate().unwrap_err().to_string()
    };
    assert!(told(|it| it.name = " ".into()).starts_with("name "));
    assert!(told(|it| it.name = "a\u{1b}[2J".into()).starts_with("name "));
    assert!(told(|it| it.description = Some("x".repeat(1001))).starts_with("description "));
    assert!(told(|it| it.description = Some("\0".into())).starts_with("description "));
    assert!(told(|it| it.command_template = "x".into()).starts_with("commandTemplate: "));
    assert!(told(|it| it.continue_template = Some("{{prompt}}".into())).starts_with("continueT"));
    assert!(told(|it| it.headless_template = Some("x".into())).starts_with("headlessTemplate"));
}

#[test]
fn patterns_that_no_agent_could_use_are_refused() {
    let told = |patterns: &[&str]| {
        let patterns = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        CheckedPatterns::check(patterns).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(told(&["a"; 50]), Ok(()));
    assert!(told(&["a"; 51]).unwrap_err().contains("up to 50 patterns"));
    assert!(told(&["a", &"b".repeat(501)]).unwrap_err().starts_with("pattern 2 "));
    assert!(told(&[""]).unwrap_err().starts_with("pattern 1 "));
    assert!(told(&["("]).unwrap_err().contains("unclosed group"));
    assert!(told(&[r"\w{500}"]).unwrap_err().contains("too large"));
    assert!(told(&[&format!("{}a{}", "(".repeat(31), ")".repeat(31))]).is_err());
}
