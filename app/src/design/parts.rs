use leptos::prelude::*;

use crate::error::AppError;
use crate::ui::{CheckAll, Dialog, Extent, Field, FormError, Icon, Menu, MenuItem, Pager, skeleton};

/// A name as nobody should give one, and somebody will.
const LONG: &str = "Payments-gateway-of-the-subsidiary-in-Rio-Grande-do-Sul-which-nobody-may-rename-before-the-audit-of-next-year-is-over-2026";
const COLOURS: [&str; 12] = [
    "ink",
    "ink-soft",
    "paper",
    "card",
    "line",
    "line-strong",
    "accent",
    "accent-ink",
    "accent-soft",
    "bad",
    "bad-soft",
    "good-soft",
];

fn section(title: &'static str, children: impl IntoView) -> impl IntoView {
    view! { <section class="card form" aria-label=title><h2>{title}</h2>{children}</section> }
}

#[component]
pub(super) fn Colours() -> impl IntoView {
    let swatch = |name| {
        view! {
            <li class="choice">
                <span class="swatch" style:background-color=format!("var(--{name})")></span>
                <code>{name}</code>
            </li>
        }
    };
    section("Colours", view! { <ul class="names">{COLOURS.map(swatch).collect_view()}</ul> })
}

#[component]
pub(super) fn Texts() -> impl IntoView {
    let texts = view! {
        <div>
            <p>"A text, with "<strong>"what matters"</strong>", "<code>"code"</code>", a "<a href="/design">"link"</a>" and "<mark>"what was looked for"</mark>"."</p>
            <p class="hint">"A hint."</p>
            <p class="error">"What does not fit."</p>
            <p>{LONG}</p>
        </div>
        <dl class="facts">
            <dt>"Client ID"</dt><dd><code>"c4fe"</code></dd>
            <dt>"Name"</dt><dd>{LONG}</dd>
            <dt>"Tags"</dt><dd><span class="tag">"prod"</span><span class="tag">"eu"</span></dd>
        </dl>
    };
    section("Texts", texts)
}

#[component]
pub(super) fn Buttons() -> impl IntoView {
    let kinds = [("button primary", "Primary"), ("button", "Plain"), ("button quiet", "Quiet")];
    let line = |(class, name): (&'static str, &'static str)| {
        view! {
            <div class="value-buttons">
                <button class=class type="button">{name}</button>
                <button class=class type="button">{Icon::Key.view()} "With a picture"</button>
                <button class=class type="button" aria-disabled="true">"Not now"</button>
                <button class=class type="button" disabled>"Never"</button>
            </div>
        }
    };
    let icons = [Icon::Add, Icon::Copy, Icon::Edit, Icon::Eye, Icon::EyeOff, Icon::Group, Icon::Home, Icon::Trash]
        .map(|icon| view! { <button class="button icon-only" type="button" aria-label="A picture alone">{icon.view()}</button> });
    let all = view! {
        {kinds.map(line).collect_view()}
        <div class="value-buttons">{icons.collect_view()}</div>
        <div class="value-buttons"><button class="link" type="button">"Like a link"</button></div>
        <div class="value-buttons"><button class="button" type="button">{LONG}</button></div>
    };
    section("Buttons", all)
}

#[component]
pub(super) fn Fields() -> impl IntoView {
    let text = |text: &str| RwSignal::new(text.to_owned());
    let none = RwSignal::new(None::<AppError>);
    let wrong = RwSignal::new(Some(AppError::invalid("Not right", "This name is taken.")));
    let (nothing, some, all) = (Extent::None, Extent::Some, Extent::All);
    let box_of = |extent: Extent, name: &'static str| {
        view! { <label class="choice"><CheckAll extent=Signal::stored(extent) toggle=Callback::new(|()| ()) /> {name}</label> }
    };
    let meter = |value: &'static str, name: &'static str| {
        view! { <label>{name} <meter min="0" max="4" low="2" high="3" optimum="4" value=value></meter></label> }
    };
    let fields = view! {
        <Field label="Empty" value=text("") error=none hint="What helps to fill it in." />
        <Field label="Required" value=text("Ledger API") error=none required=true />
        <Field label="Very long" value=text(LONG) error=none />
        <Field label="Not right" value=text("Ledger API") error=wrong />
        <Field label="Several lines" value=text("One line\nand another one") error=none lines=3 />
        <Field label="Kept from shoulders" value=text("a secret") error=none kind="password" />
        <label class="field"><span>"One of these"</span><select><option>"Can view"</option><option>"Can edit"</option></select></label>
        <fieldset class="choices">
            <legend>"Some of these"</legend>
            {box_of(nothing, "None")} {box_of(some, "Some")} {box_of(all, "All")}
            <label class="choice"><input type="radio" name="design" checked /> "One"</label>
            <label class="choice"><input type="radio" name="design" /> "Other"</label>
        </fieldset>
        {meter("1", "Weak")} {meter("2", "Fair")} {meter("4", "Strong")}
        <progress max="100" value="40" aria-label="Progress"></progress>
    };
    section("Fields", fields)
}

#[component]
pub(super) fn Messages() -> impl IntoView {
    let close = || view! { <button class="button icon-only" type="button" aria-label="Close message">{Icon::Close.view()}</button> };
    let failed = RwSignal::new(Some(AppError::Offline));
    let messages = view! {
        <div class="banner failure"><p>"MySafe cannot be reached."</p><button class="button" type="button">"Try again"</button></div>
        <div class="banner"><p>"Somebody opened your account."</p><button class="button" type="button">"I have read this"</button></div>
        <p class="notice">"200 records with 34 people. Permissions: 410 new, 12 raised to Can edit."</p>
        <FormError error=failed />
        <div class="dialog-error"><p>"Nothing was changed. You cannot share 2 records:"</p><ul class="problems"><li>"Ledger API is disabled."</li><li>{LONG} " is disabled."</li></ul></div>
        <div class="toast"><p>"Shared. Now users can use this shared item"</p><a href="/design">"Receipt"</a>{close()}</div>
        <div class="toast failure"><p>{LONG}</p>{close()}</div>
        {skeleton(RwSignal::new(None::<()>))}
        <div class="empty"><p>"Nothing matches the filter."</p><button class="button" type="button">"Show everything"</button></div>
    };
    section("Messages", messages)
}

#[component]
pub(super) fn Rows() -> impl IntoView {
    let row = |name: &'static str, class: &'static str, ticked: bool| {
        view! {
            <tr class=class>
                <td class="check"><input type="checkbox" aria-label=format!("Tick {name}") prop:checked=ticked /></td>
                <td class="id"><code>"01a219a1"</code></td>
                <th scope="row" class="name">{name}</th>
                <td class="url">"ledger.example.com/token"</td>
                <td class="tags"><span class="tag">"prod"</span></td>
                <td class="shared">"Yes"</td>
                <td class="owner">"Ana Lima"</td>
                <td class="used">"–"</td>
                <td class="enabled">"Yes"</td>
                <td class="action"><a href="/design" class="button icon-only" aria-label=format!("Look at {name}")>{Icon::View.view()}</a></td>
            </tr>
        }
    };
    let heads = [
        ("id", "ID"),
        ("name", "Name"),
        ("url", "URL"),
        ("tags", "Tags"),
        ("shared", "Shared"),
        ("owner", "Owner"),
        ("used", "Last use"),
        ("enabled", "Enabled"),
        ("action", "Action"),
    ];
    let head = |(class, name): (&'static str, &'static str)| view! { <th scope="col" class=class>{name}</th> };
    view! {
        <section class="card" aria-label="Rows">
            <h2>"Rows"</h2>
            <div class="table-frame">
                <table class="secrets" aria-label="Samples">
                    <thead><tr><td class="check"><CheckAll label="All samples" extent=Signal::stored(Extent::Some) toggle=Callback::new(|()| ()) /></td>{heads.map(head).collect_view()}</tr></thead>
                    <tbody>
                        {row("Ledger API", "", false)} {row("Payroll API", "selected", true)}
                        {row("Old API", "disabled", false)} {row(LONG, "", false)}
                    </tbody>
                </table>
            </div>
        </section>
    }
}

#[component]
pub(super) fn Lists() -> impl IntoView {
    let hit = |name: AnyView, kind: &'static str, class: &'static str, off: &'static str| {
        view! {
            <li class=class role="option" aria-selected="false" aria-disabled=off>
                <span class="hit-name">{name}</span><span class="kind">{kind}</span><span class="hint">"somebody@example.com"</span>
            </li>
        }
    };
    let picked = |name: &'static str| {
        view! {
            <li class="picked">
                <span class="picked-name">{name} " " <span class="hint">"Person"</span></span>
                <select aria-label=format!("Permission of {name}")><option>"Can view"</option></select>
                <button class="button icon-only" type="button" aria-label=format!("Without {name}")>{Icon::Close.view()}</button>
            </li>
        }
    };
    let lists = view! {
        <ul class="actions" role="listbox" aria-label="Hits">
            {hit(view! { <mark>"Bru"</mark> "no Souza" }.into_any(), "Person", "hit active", "false")}
            {hit("Platform team".into_any(), "User group", "hit", "false")}
            {hit("Dora Silva".into_any(), "Not active", "hit", "true")}
        </ul>
        <ul class="picked-list">{picked("Bruno Souza")} {picked(LONG)}</ul>
    };
    section("Recipients", lists)
}

#[component]
pub(super) fn Pieces() -> impl IntoView {
    let open = RwSignal::new(false);
    let items = Callback::new(|()| {
        vec![
            MenuItem { icon: Some(Icon::Edit), ..MenuItem::new("Edit", || ()) },
            MenuItem { icon: Some(Icon::Trash), ..MenuItem::new("Delete", || ()) },
        ]
    });
    let tab = |name: &'static str, chosen: &'static str| {
        view! { <button class="tab" type="button" role="tab" aria-selected=chosen>{name}</button> }
    };
    let pieces = view! {
        <div class="tabs" role="tablist" aria-label="Tabs">{tab("General", "true")} {tab("Sharing", "false")}</div>
        <nav class="views" aria-label="Views">
            <a class="view" href="/design" aria-current="page">"All"</a><a class="view" href="/secrets">"Mine"</a><a class="view" href="/secrets">"Shared with me"</a>
        </nav>
        <div class="value-buttons">
            <Menu label="A menu" face="A menu".into_any() items />
            <button class="button" type="button" on:click=move |_| open.set(true)>"A dialog"</button>
        </div>
        <Pager next=Some(1) before=RwSignal::new(vec![2]) />
        {move || open.get().then(|| view! {
            <Dialog title="A dialog" on_cancel=Callback::new(move |()| open.set(false))>
                <p>"Are you sure you want to look at the 2 records selected?"</p>
                <p class="hint">{LONG}</p>
                <div class="dialog-buttons">
                    <button class="button" type="button" on:click=move |_| open.set(false)>"No"</button>
                    <button class="button primary" type="button" on:click=move |_| open.set(false)>"Yes"</button>
                </div>
            </Dialog>
        })}
    };
    section("Pieces", pieces)
}
