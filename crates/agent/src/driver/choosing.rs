//! Choosing: options of lists, and files.

use std::path::{Component, Path};

use serde::Deserialize;
use serde_json::json;

use super::{
    Driver, DriverError, Target, finding::Element, matching::Purpose, page::Page,
    patience::Patience,
};

/// The largest file that is uploaded, in bytes.
const LARGEST_FILE: u64 = 256 << 20;
/// How long a page may take to ask for files after a click.
const ASKS_WITHIN: std::time::Duration = std::time::Duration::from_secs(3);

/// What a list says to a choice.
#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Reply {
    chosen: Option<String>,
    among: Option<Vec<String>>,
    disabled: Option<String>,
    options: Vec<String>,
}

impl Driver {
    /// Chooses an option of a list, or of something that opens one.
    pub(super) async fn choose(
        &mut self,
        page: &Page,
        (element, target): (Element, &Target),
        value: &str,
        patience: Patience,
    ) -> Result<Element, DriverError> {
        let state = self.state(page, &element, patience).await?;
        if state.tag != "select" && state.tag != "option" {
            return self.choose_by_clicks(page, (element, target), value, patience).await;
        }
        if !state.enabled {
            return Err(DriverError::Failed(format!("{} is disabled", element.words())));
        }
        if self.driven.now().is_held {
            return Err(DriverError::Held);
        }
        self.watching.touch(&page.name);
        let script = include_str!("scripts/select.js");
        let wanted = [json!({"value": value})];
        let reply: Reply = self.call(page, &element.handle, script, &wanted, patience).await?;
        match reply {
            Reply { chosen: Some(_), .. } => Ok(element),
            Reply { disabled: Some(option), .. } => {
                Err(DriverError::Refused(format!("the option \"{option}\" is disabled")))
            }
            Reply { among: Some(among), .. } => {
                let why = format!("\"{value}\" can be {}", among.join(", "));
                Err(DriverError::Ambiguous(why))
            }
            Reply { options, .. } => Err(DriverError::NotFound(format!(
                "no option \"{value}\" in {}; there are {}",
                element.words(),
                options.join(", ")
            ))),
        }
    }

    /// Opens what is no list of the browser's own, and clicks on the option.
    async fn choose_by_clicks(
        &mut self,
        page: &Page,
        (found, target): (Element, &Target),
        value: &str,
        patience: Patience,
    ) -> Result<Element, DriverError> {
        let element = self.click(page, found, (target, Purpose::Other), patience).await?;
        let option = |role: &str| Target {
            role: Some(role.to_owned()),
            name: Some(value.to_owned()),
            ..Target::default()
        };
        let short = patience.at_most(std::time::Duration::from_secs(8));
        let any = Target { role: None, ..option("") };
        for wanted in [option("option"), any] {
            let found = match self.find(page, &wanted, Purpose::Other, short).await {
                Err(DriverError::NotFound(_)) if wanted.role.is_some() => continue,
                found => found?,
            };
            return self
                .click(page, found, (&wanted, Purpose::Other), patience)
                .await
                .map(|_| element);
        }
        Err(DriverError::NotFound(format!("no option \"{value}\" in {}", element.words())))
    }

    /// Chooses files of the run's own folder.
    pub(super) async fn upload(
        &mut self,
        page: &Page,
        (element, target): (Element, &Target),
        files: &[String],
        patience: Patience,
    ) -> Result<Element, DriverError> {
        let paths = self.paths(files)?;
        let script = "function () {
            const own = this.localName === 'input' ? this : this.control ?? this.querySelector('input[type=file]');
            return own?.type === 'file' ? own : null;
        }";
        let field = self.call_for(page, &element.handle, (script, false), &[], patience).await?;
        if let Some(object) = field.object_id {
            let session = &element.handle.session;
            let given = json!({"files": paths, "objectId": object});
            self.watching.touch(&page.name);
            self.make(page, session, "DOM.setFileInputFiles", given, patience).await?;
            return Ok(element);
        }
        self.upload_when_asked(page, (element, target), &paths, patience).await
    }

    /// Clicks, and gives the files to the field for which the page asks for some.
    async fn upload_when_asked(
        &mut self,
        page: &Page,
        (found, target): (Element, &Target),
        paths: &[String],
        patience: Patience,
    ) -> Result<Element, DriverError> {
        let intercept = "Page.setInterceptFileChooserDialog";
        self.make(page, &page.session, intercept, json!({"enabled": true}), patience).await?;
        let clicked = self.click(page, found, (target, Purpose::Other), patience).await;
        let asks = patience.at_most(ASKS_WITHIN);
        let mut changes = self.watching.changes();
        let asked = loop {
            if let Some(asked) = self.watching.take_chooser(&page.name) {
                break Some(asked);
            }
            if clicked.is_err() || asks.is_over() {
                break None;
            }
            let _ = tokio::time::timeout_at(asks.until, changes.changed()).await;
        };
        page.session.tell(intercept, json!({"enabled": false}));
        let element = clicked?;
        let nothing = || DriverError::Failed(format!("{} asks for no file", element.words()));
        let (name, node) = asked.ok_or_else(nothing)?;
        let cdp = self.driven.now().cdp.ok_or(DriverError::Crashed)?;
        let given = json!({"files": paths, "backendNodeId": node});
        self.make(page, &cdp.session(&name), "DOM.setFileInputFiles", given, patience).await?;
        Ok(element)
    }

    /// Files are named as they lie in the run's folder, and nothing else of the machine can be named.
    fn paths(&self, files: &[String]) -> Result<Vec<String>, DriverError> {
        let Some(folder) = &self.files else {
            return Err(DriverError::Refused("this run has no files".to_owned()));
        };
        let inside = |name: &String| inside(folder, name);
        files.iter().map(inside).collect()
    }
}

fn inside(folder: &Path, name: &str) -> Result<String, DriverError> {
    let refused = |why: &str| DriverError::Refused(format!("the file `{name}` {why}"));
    let is_plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if !is_plain || name.is_empty() {
        return Err(refused("is not in the folder of the run"));
    }
    let missing = |_| refused("is not in the folder of the run");
    let folder = folder.canonicalize().map_err(missing)?;
    let path = folder.join(name).canonicalize().map_err(missing)?;
    if !path.starts_with(&folder) {
        return Err(refused("is not in the folder of the run"));
    }
    let found = path.metadata().map_err(missing)?;
    if !found.is_file() || found.len() > LARGEST_FILE {
        return Err(refused("is no file, or too large"));
    }
    path.into_os_string().into_string().map_err(|_| refused("has a name that cannot be written"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_run_are_given_away() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("run");
        std::fs::create_dir_all(run.join("sub")).unwrap();
        std::fs::write(folder.path().join("secret"), "s").unwrap();
        std::fs::write(run.join("a.txt"), "a").unwrap();
        std::fs::write(run.join("sub/b.txt"), "b").unwrap();
        std::os::unix::fs::symlink(folder.path().join("secret"), run.join("link")).unwrap();
        assert!(inside(&run, "a.txt").unwrap().ends_with("/run/a.txt"));
        assert!(inside(&run, "sub/b.txt").is_ok());
        let secret = folder.path().join("secret");
        for name in
            ["../secret", "link", "sub", "", "none", "sub/../../secret", secret.to_str().unwrap()]
        {
            assert!(matches!(inside(&run, name), Err(DriverError::Refused(_))), "{name}");
        }
    }
}
