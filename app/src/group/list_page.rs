use leptos::prelude::*;
use leptos_router::components::A;

use super::api::{Group, list_groups};
use super::edit::GroupDialog;
use crate::account::use_session;
use crate::language::{n, t};
use crate::ui::{number, skeleton};

/// The groups that the person may see.
#[component]
pub fn GroupsPage() -> impl IntoView {
    let session = use_session();
    let (adding, again, typed) = (RwSignal::new(false), Trigger::new(), RwSignal::new(String::new()));
    let groups = session.load(move || {
        again.track();
        list_groups()
    });
    let close = Callback::new(move |changed: bool| {
        adding.set(false);
        if changed {
            again.notify();
        }
    });
    view! {
        <div class="page">
            <div class="page-head">
                <h1>{t!("Groups")}</h1>
                <button class="button primary" type="button" on:click=move |_| adding.set(true)>{t!("Add group")}</button>
            </div>
            <label class="field">
                <span>{t!("Search groups")}</span>
                <input type="search" placeholder=t!("Name") on:input=move |event| typed.set(event_target_value(&event)) />
            </label>
            {skeleton(groups)}
            {move || groups.get().map(|groups| match groups {
                Err(error) => view! { <p class="banner failure" role="alert">{error.to_string()}</p> }.into_any(),
                Ok(groups) if groups.is_empty() => view! { <p class="card empty">{t!("No groups yet.")}</p> }.into_any(),
                Ok(groups) => view! { <Table groups typed /> }.into_any(),
            })}
            {move || adding.get().then(|| view! { <GroupDialog edited=None then=close /> })}
        </div>
    }
}

/// The groups whose names have what is typed.
#[component]
fn Table(groups: Vec<Group>, typed: RwSignal<String>) -> impl IntoView {
    let total = groups.len();
    let shown = Memo::new(move |_| called(&groups, &typed.get()));
    let line = |group: Group| {
        view! {
            <tr>
                <th scope="row"><A href=format!("/groups/{}", group.id)>{group.name}</A> <p class="hint">{group.description}</p></th>
                <td>{group.kind.label()}</td>
                <td>{group.owner.unwrap_or_else(|| t!("Administrators").into())}</td>
                <td>{group.members}</td>
                <td>{if group.enabled { t!("Yes") } else { t!("No") }}</td>
            </tr>
        }
    };
    view! {
        <p role="status" class="hint">{move || count_text(shown.with(Vec::len), total)}</p>
        <div class="card scroll">
            <table class="plain" aria-label=t!("Groups")>
                <thead>
                    <tr>
                        <th scope="col">{t!("Name")}</th><th scope="col">{t!("Kind")}</th><th scope="col">{t!("Managed by")}</th>
                        <th scope="col">{t!("Members")}</th><th scope="col">{t!("Enabled")}</th>
                    </tr>
                </thead>
                <tbody>{move || shown.get().into_iter().map(line).collect_view()}</tbody>
            </table>
        </div>
    }
}

/// The groups whose names have a text in them, whatever its case.
fn called(groups: &[Group], typed: &str) -> Vec<Group> {
    let typed = typed.trim().to_lowercase();
    groups.iter().filter(|group| group.name.to_lowercase().contains(&typed)).cloned().collect()
}

/// How many of all groups are shown.
fn count_text(shown: usize, total: usize) -> String {
    match total {
        _ if shown == 0 => t!("No group matches this.").into(),
        _ if shown == total => n!(total, "{n} group", "{n} groups"),
        _ => t!("{shown} of {total} groups", shown = number(shown), total = number(total)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::api::RecipientKind;
    use vault::GroupId;

    #[test]
    fn groups_are_found_by_a_part_of_their_names() {
        let group = |name: &str| Group {
            id: GroupId::random(),
            kind: RecipientKind::PrivateGroup,
            owner: Some("Ana Lima".into()),
            name: name.into(),
            description: "Ops".into(),
            enabled: true,
            members_can_view: false,
            epoch: 1,
            members: 0,
        };
        let groups = [group("Night shift"), group("Platform team"), group("Day Shift")];
        let names = |typed: &str| called(&groups, typed).into_iter().map(|group| group.name).collect::<Vec<_>>();
        assert_eq!(names(" SHIFT "), ["Night shift", "Day Shift"]);
        assert_eq!(names("").len(), 3);
        assert!(names("ops").is_empty());
        assert_eq!(count_text(3, 3), "3 groups");
        assert_eq!(
            [count_text(2, 3), count_text(0, 3), count_text(1, 1)],
            ["2 of 3 groups", "No group matches this.", "1 group"]
        );
    }
}
