//! Every component in every state on one page, in the demo organization: what the pictures of the tests are compared by, and where to look before something
//! new is drawn. Nothing on it does anything.

mod parts;

use leptos::prelude::*;

use crate::account::use_session;
use parts::{Buttons, Colours, Fields, Lists, Messages, Pieces, Rows, Texts};

/// The page; elsewhere than in the demo organization there is none.
#[component]
pub(crate) fn DesignPage() -> impl IntoView {
    let is_demo = use_session().profile_untracked().is_some_and(|profile| profile.demo);
    if !is_demo {
        return view! { <div class="page"><h1>"Not found"</h1><p>"There is no such page."</p></div> }.into_any();
    }
    view! {
        <div class="page">
            <h1>"Design"</h1>
            <p class="hint">"Every component in every state. My account has the colours, the contrast and the rows to look at it with."</p>
            <Colours />
            <Texts />
            <Buttons />
            <Fields />
            <Messages />
            <Rows />
            <Lists />
            <Pieces />
        </div>
    }
    .into_any()
}
