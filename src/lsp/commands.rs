//! What the client may ask for: the `reload/*` requests and the commands of `workspace/executeCommand`, which are the same
//! things under names that every editor can call. Called by `handlers`.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::handlers::Server;
use super::protocol::{
    self, Accepted, Allow, Decision, ErrorData, Explain, Explanation, GetLog, Held, Hold, Lines,
    REQUEST_FAILED, Release, Restart, Statuses, Target,
};
use super::publish;
use super::types::{Error, ErrorCode, MessageType, Result};
use super::uri;
use crate::engine::Request;
use crate::session::{BadHold, Handle, Refusal, Token};
use crate::snapshot;
use crate::trust;

/// The commands of `workspace/executeCommand`. Not `reloadLsp.*`: those are the VS Code extension's own.
pub(super) const IDS: [&str; 9] = [
    "reload-lsp.build",
    "reload-lsp.restart",
    "reload-lsp.stop",
    "reload-lsp.start",
    "reload-lsp.pause",
    "reload-lsp.resume",
    "reload-lsp.showLog",
    "reload-lsp.explain",
    "reload-lsp.allow",
];

/// How many lines `reload/getLog` gives when nobody says how many.
const LINES: usize = 1000;

impl Server {
    /// Does what a command says. Arguments are one object, or plain strings.
    pub(super) fn execute(&self, id: &str, arguments: &[Value]) -> Result<Value> {
        let name = id.strip_prefix("reload-lsp.").filter(|_| IDS.contains(&id));
        let Some(name) = name else { return Err(invalid(&format!("there is no command `{id}`"))) };
        let members: &[&str] = match name {
            "explain" => &["uri", "service"],
            "allow" => &["plan", "decision"],
            _ => &["service"],
        };
        let mut arguments = object(arguments, members)?;
        match name {
            "showLog" => self.show_log(parse(&arguments)?),
            "explain" => {
                let explanation = self.explain(&parse(&arguments)?)?;
                self.client.notify(
                    "window/showMessage",
                    &json!({ "type": MessageType::INFO, "message": explanation.text }),
                );
                Self::json(&explanation)
            }
            "allow" if arguments["plan"].is_null() => self.ask_again(),
            "allow" => {
                if arguments["decision"].is_null() {
                    arguments["decision"] = json!("allow");
                }
                self.allow(&arguments)
            }
            // The others are requests of the same name.
            name => self.call(&format!("reload/{name}"), &arguments),
        }
    }

    /// Answers a request of ours; `params` may be missing.
    pub(super) fn call(&self, method: &str, params: &Value) -> Result<Value> {
        match method {
            protocol::GET_STATUS => self.get_status(&parse(params)?),
            protocol::BUILD => self.request(&parse(params)?, Request::Build),
            protocol::RESTART => self.restart(&parse(params)?),
            protocol::START => self.request(&parse(params)?, Request::Start),
            protocol::STOP => self.request(&parse(params)?, Request::Stop),
            protocol::PAUSE => self.request(&parse(params)?, Request::Pause),
            protocol::RESUME => self.request(&parse(params)?, Request::Resume),
            protocol::HOLD => self.hold(&parse(params)?),
            protocol::RELEASE => self.release(&parse(params)?),
            protocol::GET_LOG => Self::json(&self.get_log(&parse(params)?)?),
            protocol::EXPLAIN => Self::json(&self.explain(&parse(params)?)?),
            protocol::ALLOW => self.allow(params),
            _ => Err(Error::method_not_found()),
        }
    }

    /// Sends a request to every session that is meant. It is accepted as soon as one of them takes it.
    fn request(&self, target: &Target, request: Request) -> Result<Value> {
        let service = target.service.as_deref();
        let mut refusal = None;
        let mut taken = None;
        for session in self.meant(target)? {
            match session.request(service, request) {
                Ok(()) => taken = taken.or(Some(session)),
                Err(why) => refusal = refusal.or(Some(why)),
            }
        }
        match (taken, refusal) {
            (Some(session), _) => {
                let picture = session.picture().borrow().clone();
                let mut services = picture.status.services.iter();
                let named = services.find(|known| Some(known.name.as_str()) == service);
                let generation = named.and_then(|named| named.build.as_ref()).map(|build| build.generation.0);
                Self::json(&Accepted { accepted: true, generation })
            }
            (None, Some(refusal)) => Err(refused(&refusal)),
            (None, None) => Err(no_folder()),
        }
    }

    fn restart(&self, restart: &Restart) -> Result<Value> {
        let request = if restart.build { Request::Build } else { Request::Restart };
        self.request(&restart.target, request)
    }

    fn hold(&self, hold: &Hold) -> Result<Value> {
        let token = token(hold.token.as_deref())?.unwrap_or_else(Token::fresh);
        for session in self.meant_by(hold.uri.as_deref())? {
            session.hold(token, hold.ttl_ms).map_err(|error| invalid(&error.to_string()))?;
        }
        Self::json(&Held { token: token.to_string() })
    }

    fn release(&self, release: &Release) -> Result<Value> {
        let token = token(release.token.as_deref())?;
        self.meant_by(release.uri.as_deref())?.iter().for_each(|session| session.release(token));
        Self::json(&Accepted { accepted: true, generation: None })
    }

    fn get_status(&self, target: &Target) -> Result<Value> {
        let sessions = self.meant(target)?;
        let statuses = sessions.iter().map(|session| snapshot::snapshot(&session.picture().borrow()));
        Self::json(&Statuses { statuses: statuses.collect() })
    }

    fn get_log(&self, wanted: &GetLog) -> Result<Lines> {
        let sessions = self.meant(&wanted.target)?;
        let session = sessions.first().ok_or_else(no_folder)?;
        let root = session.picture().borrow().root.clone();
        let max = wanted.max.unwrap_or(LINES);
        let mut lines = snapshot::lines(session.output(), &root, wanted.after, max);
        if let Some(service) = &wanted.target.service {
            lines.log.entries.retain(|entry| entry.service == *service);
        }
        Ok(lines)
    }

    /// Opens what was printed in the editor, if it can do that; the lines are the result too.
    fn show_log(&self, target: Target) -> Result<Value> {
        let lines = self.get_log(&GetLog { target, ..GetLog::default() })?;
        if self.terms().abilities.show_document {
            publish::log::show(self.client.clone(), &lines.log.entries);
        }
        Self::json(&lines)
    }

    fn explain(&self, wanted: &Explain) -> Result<Explanation> {
        let path = uri::to_path(&wanted.uri)
            .ok_or_else(|| invalid("`uri` must be the URI of a file (help: name the file to explain)"))?;
        let path = uri::canonical(&path);
        let sessions: Vec<_> = {
            let roots = self.roots();
            let concerned = roots.concerned(&path);
            concerned.map(|root| (path.starts_with(&root.path), root.session.clone())).collect()
        };
        let answers = sessions.iter().map(|(is_inside, session)| {
            (*is_inside, snapshot::explanation(&session.picture().borrow(), &path))
        });
        let mut explanation = Explanation::of_all(answers);
        if let Some(service) = &wanted.service {
            explanation.keep_only(service);
        }
        Ok(explanation)
    }

    fn allow(&self, params: &Value) -> Result<Value> {
        let Allow { plan, decision } = parse(params)?;
        let decision = match decision {
            Decision::Allow => trust::Decision::Allow,
            Decision::OnlyNow => trust::Decision::OnlyNow,
            Decision::Never => trust::Decision::Never,
        };
        // A session with another plan ignores it.
        self.roots().open.iter().for_each(|root| root.session.decide(&plan, decision));
        Self::json(&Accepted { accepted: true, generation: None })
    }

    /// Shows the commands again and asks: without the plan's hash nobody can have seen them.
    fn ask_again(&self) -> Result<Value> {
        self.roots().open.iter().for_each(|root| root.ask_again.notify_one());
        Self::json(&Accepted { accepted: true, generation: None })
    }

    /// The sessions that a target means.
    fn meant(&self, target: &Target) -> Result<Vec<Handle>> {
        self.meant_by(target.uri.as_deref())
    }

    fn meant_by(&self, uri: Option<&str>) -> Result<Vec<Handle>> {
        let roots = self.roots();
        let Some(text) = uri else {
            return Ok(roots.open.iter().map(|root| root.session.clone()).collect());
        };
        let path = uri::to_path(text).ok_or_else(|| invalid("`uri` must be the URI of a file"))?;
        let root = roots.containing(&uri::canonical(&path)).ok_or_else(no_folder)?;
        Ok(vec![root.session.clone()])
    }
}

/// The arguments of a command as one object; plain strings stand for `members`, in this order.
fn object(arguments: &[Value], members: &[&str]) -> Result<Value> {
    match arguments {
        [] | [Value::Null] => Ok(json!({})),
        [object @ Value::Object(_)] => Ok(object.clone()),
        strings if strings.len() <= members.len() && strings.iter().all(Value::is_string) => {
            Ok(members.iter().zip(strings).map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
        }
        _ => Err(invalid(&format!(
            "arguments must be one object or the strings {members:?} (help: {{\"service\": \"api\"}})"
        ))),
    }
}

fn parse<T: DeserializeOwned>(params: &Value) -> Result<T> {
    let params = if params.is_null() { &json!({}) } else { params };
    T::deserialize(params).map_err(|error| invalid(&error.to_string()))
}

fn token(text: Option<&str>) -> Result<Option<Token>> {
    text.map(str::parse).transpose().map_err(|error: BadHold| invalid(&error.to_string()))
}

fn invalid(message: &str) -> Error {
    Error::invalid_params(message.to_owned())
}

fn refused(refusal: &Refusal) -> Error {
    failed(refusal.kind(), refusal.to_string())
}

fn no_folder() -> Error {
    failed("misconfigured", "no folder is open there (help: open the folder of the project)".to_owned())
}

fn failed(kind: &str, message: String) -> Error {
    let data = serde_json::to_value(ErrorData { kind: kind.to_owned() }).ok();
    Error { code: ErrorCode::ServerError(REQUEST_FAILED), message: message.into(), data }
}
