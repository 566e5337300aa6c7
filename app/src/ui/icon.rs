use leptos::prelude::*;

/// The pictures of the application, drawn on a grid of 24. Always beside or behind a text, so hidden from screen readers.
#[derive(Clone, Copy)]
pub(crate) enum Icon {
    Grid,
    Key,
    Group,
    Home,
    View,
    Edit,
    Trash,
    Add,
    Copy,
    Eye,
    EyeOff,
    Close,
    Person,
    List,
    More,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Grid => {
                "M4 4h4v4H4zM10 4h4v4h-4zM16 4h4v4h-4zM4 10h4v4H4zM10 10h4v4h-4zM16 10h4v4h-4zM4 16h4v4H4zM10 16h4v4h-4zM16 16h4v4h-4z"
            }
            Self::Key => {
                "M14 3a7 7 0 0 0-6.7 9L3 16.300V21h4.700v-2.500H10V16h2.200l.8-.8A7 7 0 1 0 14 3zm2.500 4a1.700 1.700 0 1 1 0 3.400 1.700 1.700 0 0 1 0-3.400z"
            }
            Self::Group => {
                "M8 5a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7zm8.500 1.500a2.800 2.800 0 1 1 0 5.600 2.800 2.800 0 0 1 0-5.600zM1.500 19.500c0-3.500 3-6 6.500-6s6.500 2.500 6.500 6zM16 19.500c0-2-.7-3.800-1.900-5.200.7-.3 1.500-.5 2.400-.5 3 0 5.500 2.200 5.500 5.700z"
            }
            Self::Home => "M12 3 3 10.500V21h6.500v-6h5v6H21V10.500z",
            Self::View => {
                "M10.500 3a7.500 7.500 0 0 1 5.900 12.100l4.700 4.700-1.500 1.500-4.700-4.700A7.500 7.500 0 1 1 10.500 3zm0 2.200a5.300 5.300 0 1 0 0 10.600 5.300 5.300 0 0 0 0-10.600z"
            }
            Self::Edit => "M15.500 3.500l5 5L8.500 20.500H3.500v-5zM14 7.500 5.700 15.800v2.500h2.500L16.500 10z",
            Self::Trash => "M9 3h6l1 2h5v2H3V5h5zM5 9h14l-1 12H6zm4 2v8h1.800v-8zm4.200 0v8H15v-8z",
            Self::Add => "M11 4h2v7h7v2h-7v7h-2v-7H4v-2h7z",
            Self::Copy => "M8 3h12v14H8zm2 2v10h8V5zM4 7h2v12h10v2H4z",
            Self::Eye => {
                "M12 5c5 0 8.800 4 10 7-1.200 3-5 7-10 7S3.200 15 2 12c1.200-3 5-7 10-7zm0 2.200a4.800 4.800 0 1 0 0 9.600 4.800 4.800 0 0 0 0-9.600zm0 2.300a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5z"
            }
            Self::EyeOff => {
                "M3.500 2.500 21.500 20.500 20 22l-3.600-3.600A11 11 0 0 1 12 19c-5 0-8.800-4-10-7a13 13 0 0 1 4.200-5.200L2 4zM12 5c5 0 8.800 4 10 7a13 13 0 0 1-3.300 4.500L10 7.800A4.800 4.800 0 0 1 16.200 14l1 1"
            }
            Self::Close => "M6 4.500 12 10.500l6-6L19.500 6l-6 6 6 6-1.500 1.500-6-6-6 6L4.500 18l6-6-6-6z",
            Self::List => {
                "M4 5h2.500v2.500H4zM9 5h11v2.500H9zM4 10.700h2.500v2.500H4zM9 10.700h11v2.500H9zM4 16.500h2.500V19H4zM9 16.500h11V19H9z"
            }
            Self::More => {
                "M5 10a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM12 10a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM19 10a2 2 0 1 1 0 4 2 2 0 0 1 0-4z"
            }
            Self::Person => "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4 20.500c0-4 3.500-7 8-7s8 3 8 7z",
        }
    }

    pub(crate) fn view(self) -> impl IntoView {
        view! {
            <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
                <path d=self.path() fill="currentColor" fill-rule="evenodd" />
            </svg>
        }
    }
}
