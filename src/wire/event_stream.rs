//! Server-sent events in a finite body: notifications first, the response last. No connection is held open.

use super::http::Reply;

const MEDIA_TYPE: &str = "text/event-stream";

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    id: Option<String>,
    /// Milliseconds.
    retry: Option<u32>,
    data: String,
}

impl Event {
    /// A message.
    pub fn message(text: &str) -> Self {
        Self {
            data: text.to_owned(),
            ..Self::default()
        }
    }

    /// Nothing but an id to go on from, and when to come again.
    pub fn pause(id: &str, retry: u32) -> Self {
        Self {
            id: Some(id.to_owned()),
            retry: Some(retry),
            data: String::new(),
        }
    }

    pub fn with_id(self, id: &str) -> Self {
        Self {
            id: Some(id.to_owned()),
            ..self
        }
    }
}

impl std::fmt::Display for Event {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        if !self.data.is_empty() {
            out.write_str("event: message\n")?;
        }
        if let Some(id) = &self.id {
            writeln!(out, "id: {id}")?;
        }
        if let Some(retry) = &self.retry {
            writeln!(out, "retry: {retry}")?;
        }
        if self.data.is_empty() {
            // Without data an event is none.
            out.write_str("data:\n")?;
        }
        for line in self.data.lines() {
            writeln!(out, "data: {line}")?;
        }
        out.write_str("\n")
    }
}

/// A response of these events.
pub fn reply(events: &[Event]) -> Reply {
    let mut reply = streamed(Reply::empty(200));
    reply.body = events.iter().map(ToString::to_string).collect();
    reply
}

/// The same reply as the last of a stream's events, with messages before it, for a client that takes nothing else; a
/// reply with an error status stays as it is.
pub fn last(messages: &[String], reply: Reply) -> Reply {
    if reply.status != 200 || is_stream(&reply) {
        return reply;
    }
    let mut events: Vec<Event> = messages.iter().map(|text| Event::message(text)).collect();
    events.push(Event::message(&reply.body));
    let mut stream = streamed(reply);
    stream.body = events.iter().map(ToString::to_string).collect();
    stream
}

fn streamed(reply: Reply) -> Reply {
    reply
        .header("Content-Type", MEDIA_TYPE)
        // Proxies may neither keep it nor wait for more of it.
        .header("Cache-Control", "no-cache")
        .header("X-Accel-Buffering", "no")
}

/// Whether a reply is such a body.
pub fn is_stream(reply: &Reply) -> bool {
    let media = reply.headers.get("Content-Type");
    media
        .and_then(|media| media.as_str())
        .is_some_and(|media| media.starts_with(MEDIA_TYPE))
}

/// Whether a client says that it takes such a body. A client that takes anything does not know that it may get one.
pub fn is_accepted(accept: Option<&str>) -> bool {
    let ranges = accept.unwrap_or_default().split(',');
    ranges
        .map(|range| range.split(';').next().unwrap_or_default().trim())
        .any(|range| range.eq_ignore_ascii_case(MEDIA_TYPE))
}

/// The same reply with messages before it, if there are any; a reply with an error status stays as it is.
pub fn before(messages: &[String], reply: Reply) -> Reply {
    if messages.is_empty() {
        return reply;
    }
    last(messages, reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_first_and_the_response_last() {
        let reply = || Reply::json_text(200, "{\"id\":\n1}".into());
        let stream = before(&["{\"a\":1}".into(), "{}".into()], reply());
        assert_eq!(
            stream.body,
            "event: message\ndata: {\"a\":1}\n\nevent: message\ndata: {}\n\n\
             event: message\ndata: {\"id\":\ndata: 1}\n\n"
        );
        assert_eq!(stream.headers["Content-Type"], MEDIA_TYPE);
        assert_eq!(stream.headers["Cache-Control"], "no-cache");
        assert_eq!(stream.headers["X-Accel-Buffering"], "no");
        assert!(is_stream(&stream) && !is_stream(&reply()));
        assert_eq!(before(&[], reply()).body, reply().body);
        let refused = before(&["{}".into()], Reply::json_text(400, "{}".into()));
        assert!(!is_stream(&refused));
    }

    #[test]
    fn only_who_names_the_media_type_takes_it() {
        for accept in [
            "text/event-stream",
            "application/json, text/event-stream",
            "application/json,TEXT/Event-Stream;q=0.5",
        ] {
            assert!(is_accepted(Some(accept)), "{accept}");
        }
        for accept in [
            "*/*",
            "application/json",
            "text/*",
            "",
            "text/event-streams",
        ] {
            assert!(!is_accepted(Some(accept)), "{accept}");
        }
        assert!(!is_accepted(None));
    }
}
