//! How an action can be done again: its element by a selector that lasts, and by role and name.

use serde_json::Value;

use super::{
    Action, Driver, DriverError, Target, finding::Element, look::Look, page::Page,
    patience::Patience,
};

impl Driver {
    /// The action as it can be done again: its element by selector, role and name.
    pub(super) async fn command(
        &mut self,
        page: &Page,
        action: &Action,
        element: &Element,
        patience: Patience,
    ) -> Result<Value, DriverError> {
        let script = include_str!("scripts/selector.js");
        let selector: String = self.call(page, &element.handle, script, &[], patience).await?;
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let has_name = !element.name.is_empty() && element.name.len() <= 200;
        let target = Target {
            ref_: None,
            selector: some(&selector),
            role: some(&element.role).filter(|_| has_name),
            name: some(&element.name).filter(|_| has_name),
            nth: if has_name { self.nth(page, element, patience).await? } else { None },
            frame: self.frame_path(page, element, patience).await?,
        };
        Ok(action.aimed_at(target).written())
    }

    /// Which of those alike it is; nothing if it is the only one.
    async fn nth(
        &mut self,
        page: &Page,
        element: &Element,
        patience: Patience,
    ) -> Result<Option<usize>, DriverError> {
        let Look { frames, items } = self.look(page, patience).await?;
        let alike: Vec<_> = items
            .iter()
            .filter(|item| item.role == element.role && item.name == element.name)
            .filter(|item| element.chain.len() <= 1 || frames[item.frame].id == element.frame.id)
            .collect();
        let is_it = |item: &&super::outline::Item| {
            item.node == Some(element.node) && frames[item.frame].id == element.frame.id
        };
        let nth = alike.iter().position(is_it);
        Ok(nth.filter(|_| alike.len() > 1))
    }

    async fn frame_path(
        &mut self,
        page: &Page,
        element: &Element,
        patience: Patience,
    ) -> Result<Option<String>, DriverError> {
        let owners = self.owners(page, &element.chain, patience).await?;
        let mut parts = Vec::new();
        for (frame, owner) in element.chain.iter().zip(owners.into_iter().skip(1)) {
            let Some(owner) = owner else { continue };
            let handle = self.resolve(page, frame, owner, patience).await?;
            let script = include_str!("scripts/selector.js");
            parts.push(self.call::<String>(page, &handle, script, &[], patience).await?);
        }
        Ok(Some(parts.join(" >> ")).filter(|path| !path.is_empty()))
    }
}
