//! What the browser does with passkeys. Questions and answers travel as the JSON of the `WebAuthn` standard; what a passkey gives for the keys does
//! not travel.

use js_sys::{Array, Function, JSON, Object, Promise, Reflect, Uint8Array};
use vault::{AccountId, PasskeyOutput};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use zeroize::Zeroizing;

use crate::error::AppError;

/// What an authenticator answered.
pub(crate) struct Answer {
    /// For the server, as JSON.
    pub text: String,
    /// For the keys; none from an authenticator that cannot do it.
    pub output: Option<PasskeyOutput>,
}

/// Makes a passkey for an account. Where the authenticator gives something for the keys only when it is used, it is asked once more.
pub(crate) async fn make(options: &str, account: AccountId) -> Result<Answer, AppError> {
    let options = parse("parseCreationOptionsFromJSON", options)?;
    want_output(&options, account)?;
    let made = call_container("create", &options).await?;
    let text = answer_text(&made)?;
    let prf = prf_of(&made)?;
    let output = match output_of(&prf)? {
        None if get(&prf, "enabled")?.is_truthy() => ask_once_more(&options, &made, account).await?,
        output => output,
    };
    Ok(Answer { text, output })
}

/// Asks one of somebody's passkeys for an answer, which is for the server (JSON).
pub(crate) async fn ask(options: &str) -> Result<String, AppError> {
    let options = parse("parseRequestOptionsFromJSON", options)?;
    answer_text(&call_container("get", &options).await?)
}

/// Asks one of somebody's passkeys, also for what it gives for the keys.
pub(crate) async fn ask_for_keys(options: &str, account: AccountId) -> Result<Answer, AppError> {
    let options = parse("parseRequestOptionsFromJSON", options)?;
    want_output(&options, account)?;
    let used = call_container("get", &options).await?;
    Ok(Answer { text: answer_text(&used)?, output: output_of(&prf_of(&used)?)? })
}

/// Asks the passkey that was just made for what it gives. Nobody checks what it signs.
async fn ask_once_more(
    made_from: &JsValue,
    made: &JsValue,
    account: AccountId,
) -> Result<Option<PasskeyOutput>, AppError> {
    let credential = Object::new();
    set(&credential, "type", &"public-key".into())?;
    set(&credential, "id", &get(made, "rawId")?)?;
    let options = Object::new();
    set(&options, "challenge", &Uint8Array::from(&vault::random_bytes::<32>()[..]).into())?;
    set(&options, "rpId", &get(&get(made_from, "rp")?, "id")?)?;
    set(&options, "allowCredentials", &Array::of1(&credential).into())?;
    set(&options, "userVerification", &"required".into())?;
    want_output(&options, account)?;
    let used = call_container("get", &options).await?;
    output_of(&prf_of(&used)?)
}

/// The options, once the browser has read their JSON.
fn parse(method: &str, options: &str) -> Result<JsValue, AppError> {
    let options = JSON::parse(options).map_err(|_| AppError::UnreadableAnswer)?;
    let class = get(&js_sys::global(), "PublicKeyCredential")?;
    let parser: Function = get(&class, method)?.dyn_into().map_err(|_| AppError::NoPasskeys)?;
    parser.call1(&class, &get(&options, "publicKey")?).map_err(|_| AppError::NoPasskeys)
}

/// Adds the extension that gives something for the keys.
fn want_output(options: &JsValue, account: AccountId) -> Result<(), AppError> {
    let (values, prf) = (Object::new(), Object::new());
    set(&values, "first", &Uint8Array::from(&PasskeyOutput::input(account)[..]).into())?;
    set(&prf, "eval", &values)?;
    let known = get(options, "extensions")?;
    let extensions = if known.is_object() { known } else { Object::new().into() };
    set(&extensions, "prf", &prf)?;
    set(options, "extensions", &extensions)
}

async fn call_container(method: &str, options: &JsValue) -> Result<JsValue, AppError> {
    let container = get(&get(&js_sys::global(), "navigator")?, "credentials")?;
    let function: Function = get(&container, method)?.dyn_into().map_err(|_| AppError::NoPasskeys)?;
    let argument = Object::new();
    set(&argument, "publicKey", options)?;
    let promise: Promise = function.call1(&container, &argument).map_err(refused)?.unchecked_into();
    let credential = JsFuture::from(promise).await.map_err(refused)?;
    if credential.is_object() { Ok(credential) } else { Err(AppError::PasskeyNotUsed) }
}

/// What the server is told: all but the results of extensions, because what opens the keys is among them.
fn answer_text(credential: &JsValue) -> Result<String, AppError> {
    let method: Function = get(credential, "toJSON")?.dyn_into().map_err(|_| AppError::NoPasskeys)?;
    let answer = method.call0(credential).map_err(|_| AppError::NoPasskeys)?;
    set(&answer, "clientExtensionResults", &JsValue::UNDEFINED)?;
    JSON::stringify(&answer).map(String::from).map_err(|_| AppError::NoPasskeys)
}

fn prf_of(credential: &JsValue) -> Result<JsValue, AppError> {
    let method: Function =
        get(credential, "getClientExtensionResults")?.dyn_into().map_err(|_| AppError::NoPasskeys)?;
    get(&method.call0(credential).map_err(|_| AppError::NoPasskeys)?, "prf")
}

fn output_of(prf: &JsValue) -> Result<Option<PasskeyOutput>, AppError> {
    let first = get(&get(prf, "results")?, "first")?;
    if first.is_undefined() {
        return Ok(None);
    }
    let array = Uint8Array::new(&first);
    let bytes = Zeroizing::new(array.to_vec());
    array.fill(0, 0, array.length());
    Ok(Some(PasskeyOutput::from_bytes(&bytes)?))
}

/// Why the browser did not do it.
fn refused(error: JsValue) -> AppError {
    match get(&error, "name").ok().and_then(|name| name.as_string()).as_deref() {
        Some("InvalidStateError") => AppError::PasskeyKnown,
        Some("SecurityError" | "NotSupportedError" | "TypeError") => AppError::NoPasskeys,
        _ => AppError::PasskeyNotUsed,
    }
}

/// A property, or `undefined`, also where there is nothing to have one.
fn get(object: &JsValue, name: &str) -> Result<JsValue, AppError> {
    if object.is_undefined() || object.is_null() {
        return Ok(JsValue::UNDEFINED);
    }
    Reflect::get(object, &name.into()).map_err(|_| AppError::NoPasskeys)
}

fn set(object: &JsValue, name: &str, value: &JsValue) -> Result<(), AppError> {
    Reflect::set(object, &name.into(), value).map(|_| ()).map_err(|_| AppError::NoPasskeys)
}
