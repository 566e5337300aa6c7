use leptos::ev::KeyboardEvent;
use leptos::html::{Button, Div};
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use super::icon::Icon;

/// One entry of a [`Menu`].
#[derive(Clone)]
pub(crate) struct MenuItem {
    /// Its text.
    pub text: &'static str,
    /// The picture before it, if any.
    pub icon: Option<Icon>,
    /// What it does.
    pub run: Callback<()>,
}

impl MenuItem {
    pub(crate) fn new(text: &'static str, run: impl Fn() + Send + Sync + 'static) -> Self {
        Self { text, icon: None, run: Callback::new(move |()| run()) }
    }
}

/// A button that opens a menu (the ARIA guide's pattern: arrows move, Esc and Tab close, the focus goes back to the button).
#[component]
pub(crate) fn Menu(
    /// The accessible name of the button and of the menu.
    #[prop(into)]
    label: Signal<String>,
    /// What the button shows.
    face: AnyView,
    /// Its classes.
    #[prop(default = "button")]
    class: &'static str,
    /// The entries, as they are when it opens.
    items: Callback<(), Vec<MenuItem>>,
) -> impl IntoView {
    let open = RwSignal::new(None::<Place>);
    let (button, menu) = (NodeRef::<Button>::new(), NodeRef::<Div>::new());
    let close = move || {
        open.set(None);
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    };
    let show = move || {
        if let Some(button) = button.get_untracked() {
            open.set(Some(beside(&button)));
        }
    };
    Effect::new(move || {
        if open.with(Option::is_some) && menu.get().is_some() {
            focus(menu, |_, _| 0);
        }
    });
    let key = move |event: KeyboardEvent| {
        let next: fn(usize, usize) -> usize = match event.key().as_str() {
            "ArrowDown" => |at, count| (at + 1) % count,
            "ArrowUp" => |at, count| (at + count - 1) % count,
            "Home" => |_, _| 0,
            "End" => |_, count| count - 1,
            // From the button the keyboard goes on, as if the menu had not been there.
            "Escape" | "Tab" => {
                if open.with_untracked(Option::is_some) {
                    event.stop_propagation();
                    close();
                }
                return;
            }
            _ => return,
        };
        if open.with_untracked(Option::is_some) {
            event.prevent_default();
            focus(menu, next);
        } else if event.key() == "ArrowDown" {
            event.prevent_default();
            show();
        }
    };
    view! {
        <div class="menu-holder" on:keydown=key>
            <button node_ref=button class=class type="button" aria-label=label title=label aria-haspopup="menu"
                aria-expanded=move || open.with(Option::is_some).to_string()
                on:click=move |_| if open.with_untracked(Option::is_some) { close() } else { show() }>
                {face}
            </button>
            {move || open.get().map(|place| {
                let entry = |item: MenuItem| {
                    let run = move |_| {
                        close();
                        item.run.run(());
                    };
                    view! { <button class="menu-item" type="button" role="menuitem" tabindex="-1" on:click=run>
                            {item.icon.map(Icon::view)} {item.text}
                        </button> }
                };
                view! {
                    <div class="veil" on:click=move |_| close() on:wheel=move |_| open.set(None)></div>
                    <div node_ref=menu class="menu" role="menu" aria-label=label
                        style:left=place.left style:right=place.right style:top=place.top style:bottom=place.bottom>
                        {items.run(()).into_iter().map(entry).collect_view()}
                    </div>
                }
            })}
        </div>
    }
}

/// Moves the focus to another entry: from the one that has it, and how many there are.
fn focus(menu: NodeRef<Div>, next: fn(usize, usize) -> usize) {
    let Some(menu) = menu.get_untracked() else { return };
    let entries = menu.children();
    let count = entries.length();
    let active = document().active_element();
    let at = (0..count).find(|index| entries.item(*index) == active).unwrap_or_default();
    let (at, count) = (usize::try_from(at).unwrap_or_default(), usize::try_from(count).unwrap_or_default());
    if count > 0
        && let Some(entry) = entries.item(u32::try_from(next(at, count)).unwrap_or_default())
        && let Ok(entry) = entry.dyn_into::<web_sys::HtmlElement>()
    {
        let _ = entry.focus();
    }
}

/// Where a menu goes.
#[derive(Clone)]
struct Place {
    left: String,
    right: String,
    top: String,
    bottom: String,
}

/// Below a button or above it, and to the left or the right, where there is more of the window; fixed, so that no list cuts the menu off.
fn beside(button: &web_sys::HtmlButtonElement) -> Place {
    #[expect(clippy::cast_possible_truncation, reason = "pixels of a window")]
    let whole = |length: f64| length as i32;
    let size =
        |length: Result<wasm_bindgen::JsValue, _>| length.ok().and_then(|value| value.as_f64()).unwrap_or_default();
    let (width, height) = (whole(size(window().inner_width())), whole(size(window().inner_height())));
    let at = button.get_bounding_client_rect();
    let (left, right, top, bottom) = (whole(at.left()), whole(at.right()), whole(at.top()), whole(at.bottom()));
    let from = |edge: i32| (format!("{}px", edge.max(8)), "auto".to_owned());
    let (left, right) = if left < width / 2 { from(left) } else { swap(from(width - right)) };
    let (top, bottom) = if bottom > height / 2 { swap(from(height - top + 4)) } else { from(bottom + 4) };
    Place { left, right, top, bottom }
}

fn swap<T>((a, b): (T, T)) -> (T, T) {
    (b, a)
}
