//! Buttons in views: elements with `type="object"` that call a method of the view's model.

use roxmltree::{Document, Node};
use std::collections::BTreeSet;

/// The methods of its own model for which a view has a button. Includes buttons visible to a user with the groups for
/// which `holds` returns true, by external id. Text that is not XML has no buttons.
pub fn methods(arch: &str, holds: &dyn Fn(&str) -> bool) -> BTreeSet<String> {
    let Ok(document) = Document::parse(arch) else {
        return BTreeSet::new();
    };
    let buttons = document.descendants().filter(|element| {
        element.attribute("type") == Some("object")
            && is_visible(*element, holds)
            && !is_of_another_model(*element)
    });
    let names = buttons.filter_map(|button| button.attribute("name"));
    names.map(str::to_owned).collect()
}

/// Whether the element belongs to a view inside a field, which shows the model of that field.
fn is_of_another_model(element: Node) -> bool {
    let mut around = element.ancestors().skip(1);
    around.any(|node| node.has_tag_name("field"))
}

fn is_visible(element: Node, holds: &dyn Fn(&str) -> bool) -> bool {
    element.ancestors().all(|node| {
        let never = matches!(node.attribute("invisible"), Some("1" | "True"));
        !never
            && node
                .attribute("groups")
                .is_none_or(|groups| admits(groups, holds))
    })
}

/// Evaluates `groups` as Odoo does: the user has one of the groups without `!`, if there are any, and none of those
/// with `!`.
fn admits(groups: &str, holds: &dyn Fn(&str) -> bool) -> bool {
    let names = groups
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let (excluded, wanted): (Vec<&str>, Vec<&str>) = names.partition(|name| name.starts_with('!'));
    let is_in = |name: &&str| holds(name.trim_start_matches('!'));
    !excluded.iter().any(is_in) && (wanted.is_empty() || wanted.iter().any(is_in))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: &str = r#"<form><header>
        <button name="action_confirm" type="object" string="Confirm"/>
        <button name="%(window)d" type="action"/>
        <button name="never" type="object" invisible="1"/>
        <button name="boss" type="object" groups="sales.boss,base.admin"/>
        <div groups="!base.portal"><a name="inside" type="object"/></div>
        </header><field name="lines"><list><button name="of_line" type="object"/></list></field></form>"#;

    #[test]
    fn a_button_is_one_of_the_views_own_model_that_the_user_sees() {
        let held = |names: &'static [&str]| move |name: &str| names.contains(&name);
        let nobody = held(&[]);
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(methods(VIEW, &nobody), named(&["action_confirm", "inside"]));
        assert_eq!(
            methods(VIEW, &held(&["base.admin", "base.portal"])),
            named(&["action_confirm", "boss"])
        );
        let extension = r#"<xpath expr="//header" position="inside"><button type="object" name="more"/></xpath>"#;
        assert_eq!(methods(extension, &nobody), named(&["more"]));
    }

    #[test]
    fn what_is_no_xml_has_no_button() {
        assert!(methods("<form", &|_| true).is_empty());
        assert!(methods("", &|_| true).is_empty());
    }
}
